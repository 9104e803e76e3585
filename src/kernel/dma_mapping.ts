/**
 * include/linux/dma-mapping.h: memory that devices reach by bus address. The host has an IOMMU: a device sees what is
 * mapped for it and nothing else. What it reads elsewhere is all ones, what it writes there is lost, and the access is
 * counted (a real PCI master would see a master abort).
 */

const PAGE_SHIFT = 12
const PAGE_SIZE = 1 << PAGE_SHIFT
/** Bus addresses start here; 0 and what lies about it stays unmapped, so that a null pointer faults. */
const FIRST_PAGE = 0x1000
const nothing = new Uint8Array(0)

/** A mapping: `bytes` as the device sees them from `addr` on. One that has ended is used again for the next at its place. */
export class dma_region {
  readonly addr: number
  bytes: Uint8Array
  constructor(addr: number, bytes: Uint8Array) {
    this.addr = addr
    this.bytes = bytes
  }
}

/** The bus addresses of one host. */
export class dma_domain {
  /** Region by page number, less FIRST_PAGE. */
  pages: (dma_region | undefined)[] = []
  /** First pages of ranges that are free again, by their length in pages. */
  free = new Map<number, number[]>()
  /** Mappings of one page that have ended: most are of one. */
  free_regions: dma_region[] = []
  /** Accesses to addresses that nothing is mapped at. */
  faults = 0
}

/** Maps bytes (dma_map_single, dma_alloc_coherent); their bus address, at the start of a page. */
export function dma_map(domain: dma_domain, bytes: Uint8Array): number {
  if (bytes.length > PAGE_SIZE) return map_pages(domain, bytes, Math.ceil(bytes.length / PAGE_SIZE))
  const region = domain.free_regions.pop()
  if (region === undefined) return map_pages(domain, bytes, 1)
  region.bytes = bytes
  domain.pages[page_of(region.addr)] = region
  return region.addr
}
function map_pages(domain: dma_domain, bytes: Uint8Array, count: number): number {
  const page = domain.free.get(count)?.pop() ?? domain.pages.length
  const region = new dma_region((page + FIRST_PAGE) * PAGE_SIZE, bytes)
  for (let i = 0; i < count; i++) domain.pages[page + i] = region
  return region.addr
}
/** Ends the mapping that begins at this address; false when there is none. */
export function dma_unmap(domain: dma_domain, addr: number): boolean {
  const region = region_at(domain, addr)
  if (region === undefined || region.addr !== addr) return false
  if (region.bytes.length > PAGE_SIZE) return unmap_pages(domain, region)
  domain.pages[page_of(addr)] = undefined
  region.bytes = nothing
  domain.free_regions.push(region)
  return true
}
function unmap_pages(domain: dma_domain, { addr, bytes }: dma_region): true {
  const page = page_of(addr)
  const count = Math.ceil(bytes.length / PAGE_SIZE)
  for (let i = 0; i < count; i++) domain.pages[page + i] = undefined
  const free = domain.free.get(count)
  if (free === undefined) domain.free.set(count, [page])
  else free.push(page)
  return true
}

/** Addresses have up to 53 bits, those of most hosts 32. */
function page_of(addr: number): number {
  return (addr <= 0xffffffff ? addr >>> PAGE_SHIFT : Math.floor(addr / PAGE_SIZE)) - FIRST_PAGE
}
function region_at(domain: dma_domain, addr: number): dma_region | undefined {
  const page = page_of(addr)
  return page >= 0 && page < domain.pages.length ? domain.pages[page] : undefined
}
/** The mapping that holds all of these bytes. */
export function dma_region_of(domain: dma_domain, addr: number, length: number): dma_region | undefined {
  const region = region_at(domain, addr)
  return region !== undefined && addr - region.addr + length <= region.bytes.length ? region : undefined
}
