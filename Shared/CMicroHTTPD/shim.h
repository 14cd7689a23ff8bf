#include <microhttpd.h>

// MHD_get_connection_info is variadic, and Swift can't import variadic functions. None of the kinds that we
// ask for needs a further argument.
static inline const union MHD_ConnectionInfo *dayu_connection_info(
    struct MHD_Connection *connection, enum MHD_ConnectionInfoType kind) {
    return MHD_get_connection_info(connection, kind);
}
