// SPDX-License-Identifier: MIT
/*
 * Parameters of every kind, to be read and written by programs. Test driver, Linux 2.6.10 and 6.12.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/version.h>

static int number = 5;
module_param(number, int, 0644);
static int hidden = 1;
module_param(hidden, int, 0);
static int fixed = 7;
module_param_named(shown_as, fixed, int, 0444);
static char *name = "first";
module_param(name, charp, 0644);
static int list[4] = { 1, 2 };
static int given = 2;
module_param_array(list, int, &given, 0644);
static char text[8] = "abc";
module_param_string(text, text, sizeof(text), 0644);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(2, 6, 36)
static bool flag;
module_param(flag, bool, 0644);
static int doubled = 8;

static int half_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_int(val, kp);

	if (ret)
		return ret;
	if (doubled > 100)
		return -ERANGE;
	doubled *= 2;
	pr_info("params: doubled is %d\n", doubled);
	return 0;
}

static int half_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%d\n", doubled / 2);
}

static const struct kernel_param_ops half_ops = { .set = half_set, .get = half_get };
module_param_cb(half, &half_ops, &doubled, 0644);
#endif

static int __init params_init(void)
{
	printk(KERN_INFO "params: hidden %d given %d\n", hidden, given);
	return 0;
}

static void __exit params_exit(void)
{
	printk(KERN_INFO "params: number %d name %s list %d of %d\n", number, name, list[0], given);
}

module_init(params_init);
module_exit(params_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION("1.5");
