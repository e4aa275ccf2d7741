/* base/list.h - intrusive doubly linked list with a sentinel; also a queue. No allocation. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct link {
  struct link *prev, *next; /* both NULL while in no list */
};

struct list {
  struct link head; /* sentinel */
};

#define LIST_OWNER(link_ptr, type, member) \
  ((type *)((char *)(link_ptr) - offsetof(type, member)))

static inline void list_init(struct list *l) { l->head.prev = l->head.next = &l->head; }
static inline bool list_is_empty(const struct list *l) { return l->head.next == &l->head; }
static inline bool link_is_in_list(const struct link *k) { return k->next != NULL; }

static inline void link_insert_after(struct link *before, struct link *k) {
  k->prev = before;
  k->next = before->next;
  k->next->prev = k;
  before->next = k;
}
static inline void list_push(struct list *l, struct link *k) { /* at the end */
  link_insert_after(l->head.prev, k);
}
static inline void list_remove(struct link *k) { /* fine when in no list */
  if (k->next == NULL) return;
  k->prev->next = k->next;
  k->next->prev = k->prev;
  k->prev = k->next = NULL;
}
static inline struct link *list_first(struct list *l) { /* NULL when empty */
  return list_is_empty(l) ? NULL : l->head.next;
}
static inline struct link *list_pop(struct list *l) { /* NULL when empty */
  struct link *k = list_first(l);
  if (k != NULL) list_remove(k);
  return k;
}
