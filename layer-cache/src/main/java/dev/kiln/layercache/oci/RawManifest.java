package dev.kiln.layercache.oci;

/**
 * A manifest or index as it was digested: the bytes are never written anew from the parsed form.
 *
 * @param mediaType as the document or, where it does not say, its sender named it
 */
public record RawManifest(String mediaType, byte[] bytes, Digest digest) {
    /** Larger documents are refused, as registries do. */
    public static final int MAX_BYTES = 4 << 20;

    /** @throws OciException {@code TOO_LARGE} when there are more than {@link #MAX_BYTES} bytes */
    public RawManifest {
        if (bytes.length > MAX_BYTES) {
            throw new OciException(OciException.Code.TOO_LARGE, "a manifest of " + bytes.length
                    + " bytes is larger than the limit of " + MAX_BYTES + " bytes");
        }
        bytes = bytes.clone();
    }

    /** These bytes with the digest they have. */
    public static RawManifest of(String mediaType, byte[] bytes) {
        return new RawManifest(mediaType, bytes, Digest.sha256(bytes));
    }

    /** A document of our own making, in canonical form. */
    public static RawManifest of(ImageDocument document) {
        return of(document.mediaType(), ManifestJson.encode(document));
    }

    /** A copy of the bytes. */
    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    public Descriptor descriptor() {
        return Descriptor.of(mediaType, digest, bytes.length);
    }

    /** @throws OciException when the bytes are not what the media type says */
    public ImageDocument parse() {
        return ManifestJson.decode(mediaType, bytes);
    }

    /** Two are equal when media type and digest are; the digest stands for the bytes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof RawManifest that && mediaType.equals(that.mediaType) && digest.equals(that.digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return mediaType + " " + digest;
    }
}
