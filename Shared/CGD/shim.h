#include <gd.h>
#include <spawn.h>

// glibc has it since 2.34. Its header declares it only for programs that ask for more than POSIX, and Swift's
// module of glibc does not.
static inline int dayu_close_from(posix_spawn_file_actions_t *actions, int first) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
