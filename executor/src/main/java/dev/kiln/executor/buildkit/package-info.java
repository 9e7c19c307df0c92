/**
 * BuildKit's cache as data: the keys that it gives to the steps of a build, and the documents in which caches travel.
 *
 * <p>A <em>node</em> is a vertex of BuildKit's graph; most vertices of Kiln have one of their own. The <em>key</em> of a
 * node without inputs is a digest; of any other it is the digest of what it does together with links to the keys of its
 * inputs. A link goes to what an input is by definition, or to the digest of the files that are taken from it.
 *
 * <p>No I/O. May import {@code graph} and {@code layercache.oci}; JSON that somebody else wrote is read with Jackson.
 */
@NullMarked
package dev.kiln.executor.buildkit;

import org.jspecify.annotations.NullMarked;
