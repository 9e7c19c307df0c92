/**
 * What becomes of a build on this machine: archives, layouts, tars and folders that the client makes of what the farm keeps
 * under {@code builds/<id>}.
 *
 * <p>Files are written aside and renamed when they are whole; a folder gets nothing that would stand outside of it. The
 * terms are those of {@code docker buildx build --output}.
 *
 * <p>May import {@code cli.build} (layouts), {@code layercache} and {@code queue}.
 */
@NullMarked
package dev.kiln.cli.output;

import org.jspecify.annotations.NullMarked;
