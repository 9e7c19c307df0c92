package dev.kiln.api.distribution;

/** Error codes of the OCI distribution-spec ("Error codes") and the statuses that go with them here. */
enum DistributionError {
    BLOB_UNKNOWN(404),
    BLOB_UPLOAD_INVALID(400),
    BLOB_UPLOAD_UNKNOWN(404),
    DENIED(403),
    DIGEST_INVALID(400),
    MANIFEST_BLOB_UNKNOWN(400),
    MANIFEST_INVALID(400),
    MANIFEST_UNKNOWN(404),
    NAME_INVALID(400),
    NAME_UNKNOWN(404),
    SIZE_INVALID(413),
    /** Not in version 1.1 of the specification, but clients know it from the versions before. */
    TAG_INVALID(400),
    UNAUTHORIZED(401),
    UNSUPPORTED(405),
    TOOMANYREQUESTS(429),
    /** Not in the specification, but what registries say when a part of them is away. */
    UNAVAILABLE(503),
    /** Not in the specification, but what registries say of their own faults. */
    UNKNOWN(500);

    private final int status;

    DistributionError(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }
}
