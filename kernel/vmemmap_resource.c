// SPDX-License-Identifier: Apache-2.0
//
// Ways to show in the tree of resources where an altmap is, around the tree's
// own functions of mm/memremap.c: a part of memremap_import.c.
//
// KERNEL_ALTMAP_PATCH is what was proposed: devm_memremap_pages() requests a
// region when all is mapped, does not look whether it got it, and the release
// reads the region to know what to release. KERNEL_ALTMAP_SOUND has the
// resource in the driver's memory, in the tree before anything is mapped and
// until everything is unmapped. With KERNEL_ALTMAP_TREE all of it is the
// business of the tree's functions, and the driver says no more than the
// parent.

struct kernel_pagemap {
  unsigned int number, lacks;
  struct resource *parent, *res;
  struct dev_pagemap pgmap;  // the last: more ranges follow
};

// IORESOURCE_BUSY and the flags of the proposal; a free bit and a free value.
#define VMEMMAP_PATCH_FLAGS 0xa0000000
#define VMEMMAP_SOUND_FLAG 0x00800000
#define VMEMMAP_SOUND_DESC 10

// With any other value the tree's functions know of no parent, so that they do
// nothing by themselves.
static void vmemmap_name_parent(struct kernel_pagemap *it,
                                const struct kernel_map *map) {
  it->parent = map->parent;
#if LINUX_ALTMAP_HAS_RESOURCE
  it->pgmap.altmap.parent =
      map->altmap == KERNEL_ALTMAP_TREE ? map->parent : NULL;
#endif
}

static struct resource *vmemmap_res(const struct kernel_pagemap *it) {
#if LINUX_ALTMAP_HAS_RESOURCE
  if (it->pgmap.altmap.res) return it->pgmap.altmap.res;
#endif
  return it->res;
}

static void vmemmap_adopt_res(struct kernel_pagemap *it,
                              enum kernel_altmap altmap, struct resource *res) {
#if LINUX_ALTMAP_HAS_RESOURCE
  if (altmap == KERNEL_ALTMAP_TREE) {
    it->pgmap.altmap.res = res;
    return;
  }
#endif
  it->res = res;
}

static bool vmemmap_is_wanted(const struct kernel_pagemap *it) {
  return (it->pgmap.flags & PGMAP_ALTMAP_VALID) && it->parent;
}

static u64 vmemmap_start(const struct kernel_pagemap *it) {
  return PFN_PHYS(it->pgmap.altmap.base_pfn);
}

static u64 vmemmap_size(struct kernel_pagemap *it) {
  return PFN_PHYS(vmem_altmap_offset(&it->pgmap.altmap));
}

// What was proposed.

static void vmemmap_patch_release(void *data) {
  struct kernel_pagemap *it = data;
  if (vmemmap_is_wanted(it) && it->res) {
    if (kernel_is_live(it->res))
      __release_region(it->parent, it->res->start, resource_size(it->res));
    else
      kernel_bad_use(); /* it would read what is freed */
  }
  memunmap_pages(&it->pgmap);
}

static int vmemmap_patch_devm_map(struct device *dev,
                                  struct kernel_pagemap *it) {
  void *address = memremap_pages(&it->pgmap, dev_to_node(dev));
  if (IS_ERR(address)) return PTR_ERR(address);
  if (vmemmap_is_wanted(it))
    it->res = __request_region(it->parent, vmemmap_start(it), vmemmap_size(it),
                               kernel_vmemmap_name(), VMEMMAP_PATCH_FLAGS);
  return devm_add_action_or_reset(dev, vmemmap_patch_release, it);
}

// The sound one.

// An altmap that does not fit its range is refused later: nothing to show. Nor
// is there where it covers nothing.
static bool vmemmap_fits(struct kernel_pagemap *it) {
  const struct dev_pagemap *pgmap = &it->pgmap;
  const struct range *range = &pgmap->ranges[0];
  return pgmap->nr_range == 1 && range->start <= range->end &&
         range->end <= PHYSMEM_END &&
         pgmap->altmap.base_pfn == PHYS_PFN(range->start) && vmemmap_size(it) &&
         vmemmap_size(it) >> PAGE_SHIFT <= PHYS_PFN(range_len(range));
}

static void vmemmap_sound_unmap(struct kernel_pagemap *it) {
  memunmap_pages(&it->pgmap);
  if (!it->res) return;
  if (it->res->parent) {
    remove_resource(it->res);
  } else {
    WARN_ON(1); /* others took it out; what is below it must go as well */
    if (it->res->child) release_child_resources(it->res);
  }
  it->res = NULL;
}

static int vmemmap_sound_map(struct kernel_pagemap *it,
                             struct kernel_map *map) {
  struct resource *res = map->own;
  if (vmemmap_is_wanted(it) && vmemmap_fits(it)) {
    /* remove_resource() has left links in it, if it was in a tree before. */
    *res = (struct resource){
        .name = kernel_vmemmap_name(),
        .start = vmemmap_start(it),
        .end = vmemmap_start(it) + vmemmap_size(it) - 1,
        .flags = (it->parent->flags & IORESOURCE_TYPE_BITS) |
                 VMEMMAP_SOUND_FLAG | IORESOURCE_BUSY,
        .desc = VMEMMAP_SOUND_DESC,
    };
    map->conflict = request_resource_conflict(it->parent, res);
    if (map->conflict) return -EBUSY;
    it->res = res;
  }
  void *address = memremap_pages(&it->pgmap, NUMA_NO_NODE);
  if (!IS_ERR(address)) return 0;
  if (it->res) release_resource(it->res);
  it->res = NULL;
  return PTR_ERR(address);
}

static void vmemmap_sound_release(void *data) { vmemmap_sound_unmap(data); }

// The verbs.

// Whether the tree's own functions are called, with nothing around them.
static bool vmemmap_is_trees(enum kernel_altmap altmap) {
  return altmap == KERNEL_ALTMAP_NONE || altmap == KERNEL_ALTMAP_TREE;
}

static int vmemmap_map(struct kernel_pagemap *it, struct kernel_map *map) {
  vmemmap_name_parent(it, map);
  if (map->altmap == KERNEL_ALTMAP_SOUND) return vmemmap_sound_map(it, map);
  void *address = memremap_pages(&it->pgmap, NUMA_NO_NODE);
  return IS_ERR(address) ? PTR_ERR(address) : 0;
}

static void vmemmap_unmap(struct kernel_pagemap *it,
                          enum kernel_altmap altmap) {
  if (altmap == KERNEL_ALTMAP_SOUND) return vmemmap_sound_unmap(it);
  memunmap_pages(&it->pgmap);
}

static int vmemmap_devm_map(struct device *dev, struct kernel_pagemap *it,
                            struct kernel_map *map) {
  vmemmap_name_parent(it, map);
  if (map->altmap == KERNEL_ALTMAP_PATCH)
    return vmemmap_patch_devm_map(dev, it);
  if (map->altmap == KERNEL_ALTMAP_SOUND) {
    const int error = vmemmap_sound_map(it, map);
    return error ? error
                 : devm_add_action_or_reset(dev, vmemmap_sound_release, it);
  }
  void *address = devm_memremap_pages(dev, &it->pgmap);
  return IS_ERR(address) ? PTR_ERR(address) : 0;
}

// What the devres entry of a pagemap does when it goes, and with what.
static void (*vmemmap_action(enum kernel_altmap altmap))(void *) {
  if (altmap == KERNEL_ALTMAP_PATCH) return vmemmap_patch_release;
  if (altmap == KERNEL_ALTMAP_SOUND) return vmemmap_sound_release;
  return devm_memremap_pages_release;
}

static void *vmemmap_action_data(struct kernel_pagemap *it,
                                 enum kernel_altmap altmap) {
  return vmemmap_is_trees(altmap) ? (void *)&it->pgmap : it;
}

static void vmemmap_devm_unmap(struct device *dev, struct kernel_pagemap *it,
                               enum kernel_altmap altmap) {
  if (vmemmap_is_trees(altmap)) return devm_memunmap_pages(dev, &it->pgmap);
  devm_release_action(dev, vmemmap_action(altmap), it);
}

static bool vmemmap_devres_view(dr_release_t release, void *data,
                                struct kernel_devres *view) {
  const struct devm_action *devres = data;
  if (release != devm_action_release) return false;
  struct kernel_pagemap *it = devres->data;
  if (devres->action == devm_memremap_pages_release)
    it = container_of(devres->data, struct kernel_pagemap, pgmap);
  view->kind = KERNEL_DEVRES_PAGEMAP;
  view->pagemap = it->number;
  return true;
}

static void *vmemmap_devres_make(struct kernel_pagemap *it,
                                 enum kernel_altmap altmap) {
  struct devm_action *devres =
      devres_alloc(devm_action_release, sizeof(*devres), GFP_KERNEL);
  if (!devres) BUG();
  devres->action = vmemmap_action(altmap);
  devres->data = vmemmap_action_data(it, altmap);
  return devres;
}
