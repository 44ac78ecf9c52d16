/**
 * What a vision process is started with (the services in `systemd/` say the same). The C library gives blocks above this size back to the system as soon
 * as they are free: of what the networks took while they were opened 50 MB would stay. Read by glibc alone, elsewhere it says nothing.
 */
export const visionEnvironment = { MALLOC_MMAP_THRESHOLD_: "131072" } as const;
