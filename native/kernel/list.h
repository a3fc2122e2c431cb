/* SPDX-License-Identifier: MIT */
/*
 * Circular doubly linked list, linked through a member of the entries.
 */
#ifndef SYSLETS_LIST_H
#define SYSLETS_LIST_H

#include <stddef.h>

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void list_init(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline int list_empty(const struct list_head *head)
{
	return __atomic_load_n(&head->next, __ATOMIC_RELAXED) == head;
}

static inline void list_insert(struct list_head *item, struct list_head *prev,
			       struct list_head *next)
{
	item->next = next;
	item->prev = prev;
	next->prev = item;
	__atomic_store_n(&prev->next, item, __ATOMIC_RELAXED);
}

static inline void list_add(struct list_head *item, struct list_head *head)
{
	list_insert(item, head, head->next);
}

static inline void list_add_tail(struct list_head *item, struct list_head *head)
{
	list_insert(item, head->prev, head);
}

/* the item points to itself afterwards, so that a second removal is harmless */
static inline void list_del_init(struct list_head *item)
{
	item->next->prev = item->prev;
	__atomic_store_n(&item->prev->next, item->next, __ATOMIC_RELAXED);
	list_init(item);
}

#endif
