/* The seccomp filter of an attached program: which of its system calls the supervisor gets to see. */
#ifndef NETDOUBLE_FILTER_H
#define NETDOUBLE_FILTER_H

enum id_calls { ID_NATIVE, ID_ZERO, ID_TRAP };

struct filter_options {
  /* Virtual sockets live at descriptors [base, top). */
  unsigned base, top;
  /* Whether calls that name files are seen. */
  int files;
  /* Who answers getuid() and its kin: the real kernel, a constant 0, or the supervisor. */
  enum id_calls ids;
};

/* Installs the filter on the calling thread (with no_new_privs). Returns the listener or -errno. */
int filter_install(const struct filter_options *options);

/* Whether a trapped call concerns the network, so that without a supervisor it fails rather than going to the real kernel. */
struct seccomp_data;
int filter_is_network(const struct seccomp_data *call, unsigned base);
/* Whether the call waits for descriptors. */
int filter_is_wait(const struct seccomp_data *call);

#endif
