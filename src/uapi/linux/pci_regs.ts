/** include/uapi/linux/pci_regs.h: offsets in configuration space, and bits there. */
export const PCI_VENDOR_ID = 0x00
export const PCI_DEVICE_ID = 0x02
export const PCI_COMMAND = 0x04
export const PCI_COMMAND_IO = 0x1
export const PCI_COMMAND_MEMORY = 0x2
export const PCI_COMMAND_MASTER = 0x4
export const PCI_COMMAND_SERR = 0x100
export const PCI_COMMAND_INTX_DISABLE = 0x400
export const PCI_STATUS = 0x06
export const PCI_STATUS_INTERRUPT = 0x08
export const PCI_STATUS_CAP_LIST = 0x10
export const PCI_STATUS_REC_MASTER_ABORT = 0x2000
export const PCI_CLASS_REVISION = 0x08
export const PCI_CACHE_LINE_SIZE = 0x0c
export const PCI_LATENCY_TIMER = 0x0d
export const PCI_HEADER_TYPE = 0x0e
export const PCI_HEADER_TYPE_MFD = 0x80
export const PCI_BASE_ADDRESS_0 = 0x10
export const PCI_SUBSYSTEM_VENDOR_ID = 0x2c
export const PCI_SUBSYSTEM_ID = 0x2e
export const PCI_ROM_ADDRESS = 0x30
export const PCI_CAPABILITY_LIST = 0x34
export const PCI_INTERRUPT_LINE = 0x3c
export const PCI_INTERRUPT_PIN = 0x3d

export const PCI_CAP_ID_PM = 0x01
export const PCI_CAP_ID_MSI = 0x05
export const PCI_CAP_ID_MSIX = 0x11
/** Offsets in the MSI capability with addresses of 64 bits, and bits of its control word. */
export const PCI_MSI_FLAGS = 2
export const PCI_MSI_FLAGS_ENABLE = 0x0001
export const PCI_MSI_FLAGS_QSIZE = 0x0070
export const PCI_MSI_FLAGS_64BIT = 0x0080
export const PCI_MSI_ADDRESS_LO = 4
export const PCI_MSI_ADDRESS_HI = 8
export const PCI_MSI_DATA_32 = 8
export const PCI_MSI_DATA_64 = 12
/** Offsets in the power management capability. */
export const PCI_PM_PMC = 2
export const PCI_PM_CAP_D1 = 0x0200
export const PCI_PM_CAP_PME_D0 = 0x0800
export const PCI_PM_CTRL = 4
export const PCI_PM_CTRL_STATE_MASK = 0x0003
export const PCI_PM_CTRL_PME_ENABLE = 0x0100
export const PCI_PM_CTRL_PME_STATUS = 0x8000

export const PCI_D0 = 0
export const PCI_D3hot = 3
