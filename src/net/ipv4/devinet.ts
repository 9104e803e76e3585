/** net/ipv4/devinet.c */
export { in_device, in_ifaddr } from './in_device.ts'
