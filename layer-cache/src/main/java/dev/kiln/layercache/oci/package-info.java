/**
 * The words of the OCI image and distribution specifications as values: parsed once, no input or output.
 *
 * <p>The values know nothing of JSON; {@code ManifestJson} and {@code ImageConfigJson} read and write them. What they write
 * is canonical: fields in a fixed order, no white space, maps sorted by key, so the same value always has the same digest.
 * What they read is hostile: bounded, and refused with {@code OciException}. A document that has a digest travels as
 * {@code RawManifest}, with the bytes that the digest is of.
 *
 * <p>Everything here is immutable and safe to share between threads. Imports nothing of Kiln; the one home of Jackson beside
 * the registry's own answers.
 */
@NullMarked
package dev.kiln.layercache.oci;

import org.jspecify.annotations.NullMarked;
