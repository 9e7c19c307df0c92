/**
 * Directories to layer tars and back: whiteouts, opaque directories, order, times, and the checks that hostile archives need.
 *
 * <p>Terms. An <em>upper</em> directory is a layer as overlayfs has it: a character device 0:0 hides the name in the layers
 * below (a whiteout), the attribute {@code trusted.overlay.opaque=y} hides all that the layers below have in a directory.
 * In a tar the same are empty files named {@code .wh.NAME} and {@code .wh..wh..opq} (OCI image-spec, layer.md). A
 * <em>context</em> is the tar of files that a client sends to be built from; an <em>archive</em> in the narrow sense is one
 * among its files, or elsewhere, which ADD unpacks.
 *
 * <p>Tar is read and written by code of this package. Commons Compress decodes PAX records as UTF-8, which destroys the
 * binary values of extended attributes such as {@code security.capability} and names in other encodings; and
 * {@link java.util.zip.GZIPInputStream} may take the end of a gzip member for the end of the data. Entry names are kept to
 * the byte.
 *
 * <p>Everything blocks. {@link dev.kiln.layercache.layer.LayerPacker}, {@link dev.kiln.layercache.layer.LayerExtractor},
 * {@link dev.kiln.layercache.layer.ContextArchive}, {@link dev.kiln.layercache.layer.TreeExtractor} and
 * {@link dev.kiln.layercache.layer.Archives} are safe for many threads. What is wrong with an archive is a
 * {@link dev.kiln.layercache.layer.LayerException}; what is wrong with the disk is another {@link java.io.IOException}.
 *
 * <p>May import {@code oci}, {@code posix} and the roles of {@code content}.
 */
@NullMarked
package dev.kiln.layercache.layer;

import org.jspecify.annotations.NullMarked;
