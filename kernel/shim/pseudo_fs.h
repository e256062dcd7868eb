/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_PSEUDO_FS_H_
#define RESTREE_KERNEL_SHIM_PSEUDO_FS_H_

/*
 * A file system that is mounted once and holds one inode: an allocation each
 * for the mount, its context and the inode, and each may fail.
 */

#include "kernel/shim/custom.h"

struct pseudo_fs_context {
  unsigned long magic;
};
struct fs_context {
  struct pseudo_fs_context *fs_private;
};
struct file_system_type {
  const char *name;
  void *owner;
  int (*init_fs_context)(struct fs_context *);
  void (*kill_sb)(struct super_block *);
};
struct vfsmount {
  struct super_block *mnt_sb;
  struct file_system_type *type;
  struct fs_context context;
  struct super_block sb;
};

static inline struct pseudo_fs_context *init_pseudo(struct fs_context *fc,
                                                    unsigned long magic) {
  struct pseudo_fs_context *ctx = kernel_alloc(sizeof(*ctx), GFP_KERNEL);
  if (ctx) {
    ctx->magic = magic;
    fc->fs_private = ctx;
  }
  return ctx;
}

/* The context lives as long as the mount: the model counts it so. */
static inline void kill_anon_super(struct super_block *sb) {
  struct vfsmount *mount = (void *)((char *)sb - offsetof(struct vfsmount, sb));
  kernel_free(mount->context.fs_private);
}

static inline int simple_pin_fs(struct file_system_type *type,
                                struct vfsmount **mount, int *count) {
  if (!*mount) {
    struct vfsmount *new_mount = kernel_alloc(sizeof(**mount), GFP_KERNEL);
    if (!new_mount) return -ENOMEM;
    const int error = type->init_fs_context(&new_mount->context);
    if (error) {
      kernel_free(new_mount);
      return error;
    }
    new_mount->type = type;
    new_mount->mnt_sb = &new_mount->sb;
    *mount = new_mount;
  }
  ++*count;
  return 0;
}

static inline void simple_release_fs(struct vfsmount **mount, int *count) {
  if (--*count) return;
  (*mount)->type->kill_sb((*mount)->mnt_sb);
  kernel_free(*mount);
  *mount = NULL;
}

static inline struct inode *alloc_anon_inode(struct super_block *sb) {
  struct inode *inode = kernel_alloc(sizeof(*inode), GFP_KERNEL);
  if (!inode) return ERR_PTR(-ENOMEM);
  inode->i_mapping = &inode->i_data;
  return inode;
}

#endif /* RESTREE_KERNEL_SHIM_PSEUDO_FS_H_ */
