/* The nodes of trees that are watched: one for each directory, with its name, its watch, and what
 * is known of it. */
#ifndef RONDO_UNIX_FS_TREE_NODE_H_
#define RONDO_UNIX_FS_TREE_NODE_H_

#include "fs_tree.h"
#include "fs_walk.h"

/* Bits of node.flags. */
enum {
  NODE_SEEN = 1,       /* found, or made, since its parent began to be read */
  NODE_IS_NEW = 2,     /* appeared while its tree was watched: what is in it is news */
  NODE_VERIFY = 4,     /* to be read again, with all below it */
  NODE_LEAVING = 8,    /* renamed; where to comes with a later event, if at all */
  NODE_DISPLACED = 16, /* another directory was renamed to its name */
  NODE_UNREAD = 32,    /* is being read, or is going to be */
  NODE_CHECK = 64,     /* to be read again, to compare */
  NODE_DOUBTFUL = 128, /* in the tree's list of such */
};

/* How many nodes are taken apart without delay. */
enum { NODE_REAPED_AT_ONCE = 64 };

/* A position that is never reached. */
#define NODE_UNSETTLED UINT64_MAX

/* A name in a directory that was told about while the directory was read, so that it is not told
 * twice. */
struct uv__mark {
  struct uv__hash_link by_name;
  struct uv__node* node;
  struct uv__mark* next; /* of the node */
  bool was_read;         /* told because it was read, not by an event */
  char name[];
};

/* A directory. */
struct uv__node {
  struct uv__inotify_sub sub;
  struct uv__hash_link by_name; /* but while it is leaving or displaced */
  struct uv__fs_tree* tree;     /* of the topmost node; NULL in others, and once it was dropped */
  struct uv__node* parent;
  struct uv__queue siblings;
  struct uv__queue children;
  struct uv__queue list;  /* one of the tree's, or the forest's `dropped` */
  struct uv__queue doubt; /* in the tree's `fresh` or `doubtful` */
  struct uv__walk_dir* being_read;
  int fd; /* half read, else -1 */
  unsigned int flags;
  uint32_t cookie;  /* of the rename with which it leaves */
  uint64_t left_at; /* position of that */
  struct uv__mark* marks;
  uint64_t watched_at; /* where the events end that were queued when it had got its watch */
  uint64_t touched_ms; /* loop time when it was last watched or read */
  uint64_t settled_at; /* where the events end that were queued when it had been read */
  char* name;
};

struct uv__fs_tree {
  struct uv__queue link; /* in the forest */
  struct uv__fs_forest* forest;
  struct uv__node* root;
  uv_handle_t* handle;
  uv__fs_tree_cb cb;
  struct timespec since;     /* changes from then on are news */
  struct uv__queue unread;   /* nodes to be read */
  struct uv__queue marked;   /* nodes that have marks and have been read, first settled first */
  struct uv__queue leaving;  /* nodes that are leaving or displaced */
  struct uv__queue fresh;    /* nodes that were watched lately, first watched first */
  struct uv__queue doubtful; /* nodes whose entries may not be those that there are */
  bool is_starting;
  bool has_moved; /* the root is not at `path` any more */
  bool has_lost;  /* events were dropped since the tree was last read as a whole */
  char path[];    /* absolute where possible */
};

/* All trees of a loop. */
struct uv__fs_forest {
  struct uv__inotify* inotify;
  void (*on_event)(struct uv__inotify_sub* sub, const struct inotify_event* event);
  struct uv__queue trees;
  struct uv__queue dropped; /* nodes to be taken apart */
  struct uv__hash nodes;    /* by parent and name */
  struct uv__hash marks;    /* by node and name */
  char* text;               /* for names that are told */
  size_t text_size;

  struct uv__work work;
  bool is_reading; /* `walk` is with the thread pool, or waits for the next turn */
  uv_handle_t* reading_for;
  struct uv__walk walk;
};

/* -- Nodes ------------------------------------------------------------------------------------- */

/* A child of `parent`, or the root of a tree: without a watch. NULL: no memory. */
struct uv__node* uv__node_new(struct uv__fs_forest* forest, struct uv__node* parent,
                              const char* name);

/* The root of a node's tree, or what it was dropped with, which has no tree. */
struct uv__node* uv__node_topmost(struct uv__node* node);

static inline bool uv__node_in_place(const struct uv__node* node) {
  return !(node->flags & (NODE_LEAVING | NODE_DISPLACED));
}

/* Whether its parent finds it by its name. */
static inline bool uv__node_is_indexed(const struct uv__node* node) {
  return node->parent != NULL && uv__node_in_place(node);
}

void uv__node_index(struct uv__fs_forest* forest, struct uv__node* node);

/* NULL: there is none. */
struct uv__node* uv__node_find_child(const struct uv__fs_forest* forest,
                                     const struct uv__node* parent, const char* name);

/* The path that system calls take, to be freed; NULL: no memory. That of the root ends with a
 * slash, behind which a symbolic link is followed. */
char* uv__node_path(const struct uv__fs_tree* tree, const struct uv__node* node);

/* Tells of an entry, or with "" of the directory itself. Without memory for the name there is none:
 * anything may have changed. Whatever the callback did, the forest is still there; the tree and its
 * nodes may not be. */
void uv__node_tell(struct uv__fs_tree* tree, const struct uv__node* node, const char* name,
                   int events);

/* Whoever reads the node's directory does it for nobody. */
void uv__node_stop_reading(struct uv__node* node);

/* Cuts a node off, with all below it, to be taken apart later. It does not touch its tree any more.
 */
void uv__node_cut(struct uv__fs_forest* forest, struct uv__node* node);

/* Cuts off and takes apart what does not take long. */
void uv__node_drop(struct uv__fs_forest* forest, struct uv__node* node);
void uv__node_drop_children(struct uv__fs_forest* forest, struct uv__node* node);

/* Takes apart what has been cut off, up to so many nodes; if there is more, the rest follows in the
 * next turn. */
void uv__node_reap_some(struct uv__fs_forest* forest, int most);

/* Takes all apart. */
void uv__node_reap_all(struct uv__fs_forest* forest);

/* -- Marks ------------------------------------------------------------------------------------- */

struct uv__mark* uv__node_find_mark(const struct uv__fs_forest* forest, const struct uv__node* node,
                                    const char* name);
void uv__node_add_mark(struct uv__fs_forest* forest, struct uv__node* node, const char* name,
                       bool was_read);
void uv__node_clear_marks(struct uv__fs_forest* forest, struct uv__node* node);

/* Once all events that were queued when a directory had been read have been told, no event about
 * what was read can come any more. */
void uv__node_clear_old_marks(struct uv__fs_tree* tree);

/* Whether an event says what has been told already, because it was read. While the directory is
 * being read, remembers what events tell. */
bool uv__node_is_told(struct uv__fs_forest* forest, struct uv__node* node,
                      const struct inotify_event* event);

#endif /* RONDO_UNIX_FS_TREE_NODE_H_ */
