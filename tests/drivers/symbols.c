// SPDX-License-Identifier: MIT
/*
 * Two modules of which one uses the other's functions: without a definition the provider, with
 * SYMBOLS_USER the user. Test driver, Linux 6.12.
 */
#include <linux/module.h>

#ifdef SYMBOLS_USER

int symbols_add(int value);
int symbols_total(void);

static int amount = 5;
module_param(amount, int, 0444);

static int __init user_init(void)
{
	int before = symbols_total();

	if (symbols_add(amount) != before + amount)
		return -EINVAL;
	pr_info("symbols: total %d\n", symbols_total());
	return 0;
}

static void __exit user_exit(void)
{
	symbols_add(-amount);
}

module_init(user_init);
module_exit(user_exit);

#else

static int total = 100;

int symbols_add(int value)
{
	total += value;
	return total;
}
EXPORT_SYMBOL(symbols_add);

int symbols_total(void)
{
	return total;
}
EXPORT_SYMBOL_GPL(symbols_total);

static int __init provider_init(void)
{
	return 0;
}

static void __exit provider_exit(void)
{
	pr_info("symbols: provider gone at %d\n", total);
}

module_init(provider_init);
module_exit(provider_exit);

#endif

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Functions between modules");
