/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: what changes the coverage of the kernel's code most. */
#define CONFIG_64BIT 1
#define CONFIG_PHYS_ADDR_T_64BIT 1
#define CONFIG_PROC_FS 1
#define CONFIG_STRICT_DEVMEM 1
#define CONFIG_IO_STRICT_DEVMEM 1
#define CONFIG_MEMORY_HOTPLUG 1
#define CONFIG_MEMORY_HOTREMOVE 1
#define CONFIG_GET_FREE_REGION 1
#define CONFIG_ZONE_DEVICE 1
#define CONFIG_DEVICE_PRIVATE 1
#define CONFIG_FS_DAX 1
#define CONFIG_XARRAY_MULTI 1
#define CONFIG_BASE_SMALL 0 /* 6.1 has it always */
