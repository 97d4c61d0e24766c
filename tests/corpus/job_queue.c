// SPDX-License-Identifier: MIT
/*
 * A queue of jobs: each write is one, each read takes one and waits for it. poll and SIGIO tell of new ones, /proc
 * lists those that wait. Jobs come from a slab cache of their own. In the style of message queues of small drivers.
 */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define JOB_TEXT 32
#define JOBS_MAX 3

struct job {
	struct list_head entry;
	unsigned int number;
	size_t length;
	char text[JOB_TEXT];
};

static LIST_HEAD(jobs);
static unsigned int waiting, last_number;
static DEFINE_SPINLOCK(jobs_lock);
static DECLARE_WAIT_QUEUE_HEAD(jobs_wait);
static struct fasync_struct *jobs_async;
static struct kmem_cache *job_cache;

static struct job *job_take(void)
{
	struct job *job;

	spin_lock(&jobs_lock);
	job = list_first_entry_or_null(&jobs, struct job, entry);
	if (job) {
		list_del(&job->entry);
		waiting--;
	}
	spin_unlock(&jobs_lock);
	return job;
}

static ssize_t jobs_read(struct file *filp, char __user *to, size_t count, loff_t *ppos)
{
	struct job *job;
	ssize_t done;

	while (!(job = job_take())) {
		if (filp->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(jobs_wait, !list_empty(&jobs)))
			return -ERESTARTSYS;
	}
	wake_up_interruptible(&jobs_wait);
	done = min(count, job->length);
	if (copy_to_user(to, job->text, done))
		done = -EFAULT;
	kmem_cache_free(job_cache, job);
	return done;
}

static int job_append(struct job *job)
{
	int err = -EAGAIN;

	spin_lock(&jobs_lock);
	if (waiting < JOBS_MAX) {
		job->number = ++last_number;
		list_add_tail(&job->entry, &jobs);
		waiting++;
		err = 0;
	}
	spin_unlock(&jobs_lock);
	return err;
}

static ssize_t jobs_write(struct file *filp, const char __user *from, size_t count, loff_t *ppos)
{
	struct job *job;
	ssize_t err;

	if (count > JOB_TEXT)
		return -EMSGSIZE;
	job = kmem_cache_zalloc(job_cache, GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	job->length = count;
	err = -EFAULT;
	if (copy_from_user(job->text, from, count))
		goto free;
	while ((err = job_append(job))) {
		if (filp->f_flags & O_NONBLOCK)
			goto free;
		err = wait_event_interruptible(jobs_wait, waiting < JOBS_MAX);
		if (err)
			goto free;
	}
	wake_up_interruptible(&jobs_wait);
	kill_fasync(&jobs_async, SIGIO, POLL_IN);
	return count;
free:
	kmem_cache_free(job_cache, job);
	return err;
}

static __poll_t jobs_poll(struct file *filp, poll_table *wait)
{
	__poll_t mask = 0;

	poll_wait(filp, &jobs_wait, wait);
	spin_lock(&jobs_lock);
	if (waiting)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (waiting < JOBS_MAX)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&jobs_lock);
	return mask;
}

static int jobs_fasync(int fd, struct file *filp, int on)
{
	return fasync_helper(fd, filp, on, &jobs_async);
}

static int jobs_release(struct inode *inode, struct file *filp)
{
	jobs_fasync(-1, filp, 0);
	return 0;
}

static const struct file_operations jobs_fops = {
	.owner = THIS_MODULE,
	.read = jobs_read,
	.write = jobs_write,
	.poll = jobs_poll,
	.fasync = jobs_fasync,
	.release = jobs_release,
	.llseek = noop_llseek,
};

static void *jobs_seq_start(struct seq_file *m, loff_t *pos)
{
	spin_lock(&jobs_lock);
	if (!*pos)
		return SEQ_START_TOKEN;
	return seq_list_start(&jobs, *pos - 1);
}

static void *jobs_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	if (v == SEQ_START_TOKEN) {
		++*pos;
		return seq_list_start(&jobs, 0);
	}
	return seq_list_next(v, &jobs, pos);
}

static void jobs_seq_stop(struct seq_file *m, void *v)
{
	spin_unlock(&jobs_lock);
}

static int jobs_seq_show(struct seq_file *m, void *v)
{
	struct job *job;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%u of %d\n", waiting, JOBS_MAX);
		return 0;
	}
	job = list_entry(v, struct job, entry);
	seq_printf(m, "%3u %-8.*s|\n", job->number, (int)job->length, job->text);
	return 0;
}

static const struct seq_operations jobs_seq_ops = {
	.start = jobs_seq_start,
	.next = jobs_seq_next,
	.stop = jobs_seq_stop,
	.show = jobs_seq_show,
};

static struct miscdevice jobs_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "job_queue",
	.fops = &jobs_fops,
	.mode = 0666,
};

static int __init jobs_init(void)
{
	int err;

	/* The text alone may be copied to and from programs. */
	job_cache = KMEM_CACHE_USERCOPY(job, SLAB_HWCACHE_ALIGN, text);
	if (!job_cache)
		return -ENOMEM;
	err = -ENOMEM;
	if (!proc_create_seq("job_queue", 0444, NULL, &jobs_seq_ops))
		goto destroy;
	err = misc_register(&jobs_device);
	if (err)
		goto remove;
	return 0;
remove:
	remove_proc_entry("job_queue", NULL);
destroy:
	kmem_cache_destroy(job_cache);
	return err;
}

static void __exit jobs_exit(void)
{
	struct job *job;

	misc_deregister(&jobs_device);
	remove_proc_entry("job_queue", NULL);
	while ((job = job_take()))
		kmem_cache_free(job_cache, job);
	kmem_cache_destroy(job_cache);
}

module_init(jobs_init);
module_exit(jobs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a queue of jobs");
