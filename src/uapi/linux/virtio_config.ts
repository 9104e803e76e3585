/** include/uapi/linux/virtio_config.h, virtio_pci.h: status bits, features of transports, the modern device's registers. */
export const VIRTIO_CONFIG_S_ACKNOWLEDGE = 1
export const VIRTIO_CONFIG_S_DRIVER = 2
export const VIRTIO_CONFIG_S_DRIVER_OK = 4
export const VIRTIO_CONFIG_S_FEATURES_OK = 8
export const VIRTIO_CONFIG_S_NEEDS_RESET = 0x40
export const VIRTIO_CONFIG_S_FAILED = 0x80

export const VIRTIO_RING_F_INDIRECT_DESC = 28
export const VIRTIO_RING_F_EVENT_IDX = 29
const VIRTIO_F_VERSION_1 = 32
export const VIRTIO_F_RING_RESET = 40
/** What the core and the PCI transport take for every driver. */
export const VIRTIO_TRANSPORT_FEATURES =
  (1n << BigInt(VIRTIO_RING_F_INDIRECT_DESC)) | (1n << BigInt(VIRTIO_RING_F_EVENT_IDX)) |
  (1n << BigInt(VIRTIO_F_VERSION_1)) | (1n << BigInt(VIRTIO_F_RING_RESET))

export const VIRTIO_MSI_NO_VECTOR = 0xffff
/** In the ISR: the configuration has changed. */
export const VIRTIO_PCI_ISR_CONFIG = 2
// struct virtio_pci_cap: kinds of windows
export const VIRTIO_PCI_CAP_COMMON_CFG = 1
export const VIRTIO_PCI_CAP_NOTIFY_CFG = 2
export const VIRTIO_PCI_CAP_ISR_CFG = 3
export const VIRTIO_PCI_CAP_DEVICE_CFG = 4
// struct virtio_pci_common_cfg
export const VIRTIO_PCI_COMMON_DFSELECT = 0
export const VIRTIO_PCI_COMMON_DF = 4
export const VIRTIO_PCI_COMMON_GFSELECT = 8
export const VIRTIO_PCI_COMMON_GF = 12
export const VIRTIO_PCI_COMMON_MSIX = 16
export const VIRTIO_PCI_COMMON_STATUS = 20
export const VIRTIO_PCI_COMMON_Q_SELECT = 22
export const VIRTIO_PCI_COMMON_Q_SIZE = 24
export const VIRTIO_PCI_COMMON_Q_MSIX = 26
export const VIRTIO_PCI_COMMON_Q_ENABLE = 28
export const VIRTIO_PCI_COMMON_Q_NOFF = 30
export const VIRTIO_PCI_COMMON_Q_DESCLO = 32
export const VIRTIO_PCI_COMMON_Q_AVAILLO = 40
export const VIRTIO_PCI_COMMON_Q_USEDLO = 48
export const VIRTIO_PCI_COMMON_Q_RESET = 58
/** PCI vendor of virtio devices, and the first number of transitional ones. */
export const VIRTIO_PCI_VENDOR = 0x1af4
