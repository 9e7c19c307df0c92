/**
 * Brings in what a build starts from: base images and contexts.
 *
 * <p>Terms: an <em>origin</em> is a repository that is known to have a blob. Manifests and configurations of base images are
 * kept in the content store by digest, so that an image named by its digest needs no registry once it was seen; layers
 * only come when somebody needs their files. A context is unpacked once per digest and shared by the builds that use it;
 * one that nobody uses any more may become another, near one by the changes between them.
 *
 * <p>May import {@code frontend} (the role {@code BaseImages}), {@code op} (the roles {@code BaseLayers} and
 * {@code ContextTrees}), {@code queue.job}, {@code layercache.oci}, {@code layercache.content}, {@code layercache.index}
 * (the layers of a result), {@code layercache.layer} and {@code layercache.context} (to unpack contexts), {@code layercache.posix} and
 * {@code layercache.registry}.
 */
@NullMarked
package dev.kiln.executor.source;

import org.jspecify.annotations.NullMarked;
