/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_PREFIX_H_
#define RESTREE_KERNEL_SHIM_PREFIX_H_

/*
 * Several versions of kernel/resource.c are linked into one binary, so each
 * exported name gets the version's prefix. A name that is missing here shows
 * as a duplicate symbol when the second version is linked.
 */
#ifndef KERNEL_PREFIX
#error "define KERNEL_PREFIX, such as linux_6_12_"
#endif

#define KERNEL_CONCAT_(a, b) a##b
#define KERNEL_CONCAT(a, b) KERNEL_CONCAT_(a, b)
#define KERNEL_STRING_(x) #x
#define KERNEL_STRING(x) KERNEL_STRING_(x)
#define KERNEL_NAME(name) KERNEL_CONCAT(KERNEL_PREFIX, name)

#define __devm_release_region KERNEL_NAME(__devm_release_region)
#define __devm_request_region KERNEL_NAME(__devm_request_region)
#define __release_region KERNEL_NAME(__release_region)
#define __request_region KERNEL_NAME(__request_region)
#define adjust_resource KERNEL_NAME(adjust_resource)
#define alloc_free_mem_region KERNEL_NAME(alloc_free_mem_region)
#define allocate_resource KERNEL_NAME(allocate_resource)
#define arch_remove_reservations KERNEL_NAME(arch_remove_reservations)
#define devm_release_resource KERNEL_NAME(devm_release_resource)
#define devm_request_free_mem_region KERNEL_NAME(devm_request_free_mem_region)
#define devm_request_resource KERNEL_NAME(devm_request_resource)
#define find_resource_space KERNEL_NAME(find_resource_space)
#define insert_resource KERNEL_NAME(insert_resource)
#define insert_resource_conflict KERNEL_NAME(insert_resource_conflict)
#define insert_resource_expand_to_fit KERNEL_NAME(insert_resource_expand_to_fit)
#define iomem_get_mapping KERNEL_NAME(iomem_get_mapping)
#define iomem_is_exclusive KERNEL_NAME(iomem_is_exclusive)
#define iomem_map_sanity_check KERNEL_NAME(iomem_map_sanity_check)
#define iomem_resource KERNEL_NAME(iomem_resource)
#define ioport_resource KERNEL_NAME(ioport_resource)
#define lookup_resource KERNEL_NAME(lookup_resource)
#define merge_system_ram_resource KERNEL_NAME(merge_system_ram_resource)
#define page_is_ram KERNEL_NAME(page_is_ram)
#define region_intersects KERNEL_NAME(region_intersects)
#define release_child_resources KERNEL_NAME(release_child_resources)
#define release_mem_region_adjustable KERNEL_NAME(release_mem_region_adjustable)
#define release_resource KERNEL_NAME(release_resource)
#define remove_resource KERNEL_NAME(remove_resource)
#define request_free_mem_region KERNEL_NAME(request_free_mem_region)
#define request_resource KERNEL_NAME(request_resource)
#define request_resource_conflict KERNEL_NAME(request_resource_conflict)
#define reserve_region_with_split KERNEL_NAME(reserve_region_with_split)
#define resource_alignment KERNEL_NAME(resource_alignment)
#define resource_is_exclusive KERNEL_NAME(resource_is_exclusive)
#define resource_list_create_entry KERNEL_NAME(resource_list_create_entry)
#define resource_list_free KERNEL_NAME(resource_list_free)
#define walk_iomem_res_desc KERNEL_NAME(walk_iomem_res_desc)
#define walk_mem_res KERNEL_NAME(walk_mem_res)
#define walk_system_ram_range KERNEL_NAME(walk_system_ram_range)
#define walk_system_ram_res KERNEL_NAME(walk_system_ram_res)
#define walk_system_ram_res_rev KERNEL_NAME(walk_system_ram_res_rev)

#endif  // RESTREE_KERNEL_SHIM_PREFIX_H_
