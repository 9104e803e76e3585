/** The 82559's registers (CSR): offsets, and the causes of interrupts in the ACK byte. 8255x manual 6.3. */
export const SCB_STATUS = 0
export const SCB_ACK = 1
export const SCB_COMMAND = 2
export const SCB_MASK = 3
export const SCB_POINTER = 4
export const PORT = 8
export const EEPROM_CTRL = 14
export const MDI_CTRL = 16
export const GENERAL_STATUS = 29
export const CSR_SIZE = 64

export const CAUSE_CX = 0x80
export const CAUSE_FR = 0x40
export const CAUSE_CNA = 0x20
export const CAUSE_RNR = 0x10
export const CAUSE_MDI = 0x08
export const CAUSE_SWI = 0x04
