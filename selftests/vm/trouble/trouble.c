// SPDX-License-Identifier: GPL-2.0
/*
 * A module that does one wrong thing of each class when it is loaded, for the
 * test of what notices it: insmod trouble.ko kind=NAME. Kind "none" does
 * nothing wrong.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched/debug.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *kind = "none";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "what to do wrong");

/* A number that the compiler does not know, or it would see the error itself. */
static int hidden(int number)
{
	OPTIMIZER_HIDE_VAR(number);
	return number;
}

static void none(void)
{
}

static void heap(void)
{
	u8 *p = kmalloc(8, GFP_KERNEL);

	WRITE_ONCE(p[hidden(8)], 1);
	kfree(p);
}

static void stack(void)
{
	u8 buf[8] = {};
	u8 *p = buf;

	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[8], 1);
}

static void freed(void)
{
	u8 *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(*p, 1);
}

static void freed_twice(void)
{
	void *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
}

static void behind_vmalloc(void)
{
	u8 *p = vmalloc(PAGE_SIZE);

	WRITE_ONCE(p[hidden(PAGE_SIZE)], 1);
	vfree(p);
}

static u64 result;

static void shift(void)
{
	u64 one = hidden(1);

	WRITE_ONCE(result, one << hidden(64));
}

static u8 table[8];

static void bounds(void)
{
	/* Within KASAN's red zone or not, the index is wrong. */
	table[hidden(8)] = 1;
}

static void boolean(void)
{
	u8 number = hidden(2);

	WRITE_ONCE(result, READ_ONCE(*(bool *)&number));
}

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);

/* Nobody waits, but somebody could. */
static void inversion(void)
{
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);
	spin_lock(&lock_b);
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	spin_unlock(&lock_b);
}

/* Taken with softirqs on, and then in one. */
static void softirq(void)
{
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	local_bh_disable();
	lockdep_softirq_enter();
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	lockdep_softirq_exit();
	local_bh_enable();
}

static void not_unlocked(void)
{
	spin_unlock(&lock_a);
}

static int value;
static int __rcu *guarded = (int __rcu *)&value;

static void rcu(void)
{
	WRITE_ONCE(value, *rcu_dereference(guarded));
}

static void sleeps(void)
{
	spin_lock(&lock_a);
	msleep(20);
	spin_unlock(&lock_a);
}

static void might(void)
{
	rcu_read_lock();
	might_sleep();
	rcu_read_unlock();
}

static DEFINE_PER_CPU(int, counter);

static void percpu(void)
{
	__this_cpu_inc(counter);
}

/* All but the last, whose address stays known. */
static void leak(void)
{
	int i;

	for (i = 0; i < 16; i++)
		WRITE_ONCE(result, (unsigned long)kmalloc(100, GFP_KERNEL));
}

struct timed {
	struct timer_list timer;
	struct work_struct work;
	struct rcu_head rcu;
};

static void fires(struct timer_list *timer)
{
}

static void works(struct work_struct *work)
{
}

static void timer(void)
{
	struct timed *t = kzalloc(sizeof(*t), GFP_KERNEL);

	timer_setup(&t->timer, fires, 0);
	mod_timer(&t->timer, jiffies + 1000 * HZ);
	kfree(t);
}

static void work(void)
{
	struct timed *t = kzalloc(sizeof(*t), GFP_KERNEL);

	INIT_WORK(&t->work, works);
	preempt_disable();
	schedule_work(&t->work);
	kfree(t);
	preempt_enable();
}

static void called(struct rcu_head *head)
{
}

/* Called once more while it waits to be called. */
static void rcu_head(void)
{
	static struct rcu_head head;

	rcu_read_lock();
	call_rcu(&head, called);
	call_rcu(&head, called);
	rcu_read_unlock();
	rcu_barrier();
}

static void list(void)
{
	LIST_HEAD(head);
	struct list_head item;

	list_add(&item, &head);
	head.next = &head;
	list_del(&item);
}

static void refcount(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	refcount_dec(&count);
}

static void warning(void)
{
	WARN_ON(hidden(1));
}

static void oops(void)
{
	WRITE_ONCE(*(int *)(long)hidden(4), 1);
}

#define KIND(name)                                                             \
	{                                                                      \
#name, name                                                    \
	}

static const struct {
	const char *name;
	void (*fn)(void);
} kinds[] = {
	KIND(none),	 KIND(heap),	    KIND(stack),
	KIND(freed),	 KIND(freed_twice), KIND(behind_vmalloc),
	KIND(shift),	 KIND(bounds),	    KIND(boolean),
	KIND(inversion), KIND(softirq),	    KIND(not_unlocked),
	KIND(rcu),	 KIND(sleeps),	    KIND(might),
	KIND(percpu),	 KIND(leak),	    KIND(timer),
	KIND(work),	 KIND(rcu_head),    KIND(list),
	KIND(refcount),	 KIND(warning),	    KIND(oops),
};

static int __init trouble_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kind, kinds[i].name)) {
			kinds[i].fn();
			return 0;
		}
	}
	return -EINVAL;
}

/* No exit: it need not go before its guest does. */
module_init(trouble_init);
MODULE_DESCRIPTION("One wrong thing of each class");
MODULE_LICENSE("GPL");
