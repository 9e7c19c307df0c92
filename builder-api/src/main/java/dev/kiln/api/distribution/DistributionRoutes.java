package dev.kiln.api.distribution;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;

import dev.kiln.api.http.Action;
import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;
import dev.kiln.layercache.content.ContentStore;

/**
 * The paths of the distribution-spec ("Endpoints"). A repository's name may hold slashes and the words of these paths:
 * the last of them counts, so a name is everything before it. What the name is made of is checked after decoding.
 */
public final class DistributionRoutes implements Routes {
    private static final String NAME = "(?<name>.+)";
    /** Clients look for the version also in a reply that asks them for a token. */
    private static final int BEFORE_GATES = -950;

    private final Actions actions;
    private final BlobActions blobs;
    private final UploadActions uploads;
    private final ManifestActions manifests;
    private final ReferrerActions referrers;
    private final ListActions lists;

    /** @param actions whose failures take the form of {@link DistributionErrors} */
    public DistributionRoutes(Actions actions, ContentStore content, BlobFiles files, TagStore tags,
            UploadSessions sessions) {
        this.actions = actions;
        StoredManifests stored = new StoredManifests(content, tags);
        this.blobs = new BlobActions(content, files, tags, stored);
        this.uploads = new UploadActions(content, blobs, tags, sessions);
        this.manifests = new ManifestActions(content, stored, blobs, tags);
        this.referrers = new ReferrerActions(stored, tags);
        this.lists = new ListActions(tags);
    }

    @Override
    public void addTo(Router router) {
        router.route("/v2/*").order(BEFORE_GATES).handler(routing -> {
            routing.response().putHeader("Docker-Distribution-Api-Version", "registry/2.0");
            routing.next();
        });
        router.get("/v2/")
            .setName("checkRegistry")
            .handler(actions.run(_ -> Reply.of(200).json(Json.object())));
        router.get("/v2/_catalog").setName("listRepositories").handler(actions.run(lists::catalog));

        String upload = "/blobs/uploads/(?<id>[^/]+)";
        on(router, HttpMethod.POST, "/blobs/uploads/?", "/blobs/uploads/", "beginUpload", uploads::begin);
        on(router, HttpMethod.GET, upload, "/blobs/uploads/{id}", "getUpload", uploads::status);
        on(router, HttpMethod.PATCH, upload, "/blobs/uploads/{id}", "appendUpload", uploads::append);
        on(router, HttpMethod.PUT, upload, "/blobs/uploads/{id}", "finishUpload", uploads::finish);
        on(router, HttpMethod.DELETE, upload, "/blobs/uploads/{id}", "cancelUpload", uploads::cancel);

        String blob = "/blobs/(?<digest>[^/]+)";
        on(router, HttpMethod.HEAD, blob, "/blobs/{digest}", "headBlob", blobs::head);
        on(router, HttpMethod.GET, blob, "/blobs/{digest}", "getBlob", blobs::get);
        on(router, HttpMethod.DELETE, blob, "/blobs/{digest}", "deleteBlob", blobs::delete);

        String manifest = "/manifests/(?<reference>[^/]+)";
        on(router, HttpMethod.HEAD, manifest, "/manifests/{reference}", "headManifest", manifests::head);
        on(router, HttpMethod.GET, manifest, "/manifests/{reference}", "getManifest", manifests::get);
        on(router, HttpMethod.PUT, manifest, "/manifests/{reference}", "putManifest", manifests::put);
        on(router, HttpMethod.DELETE, manifest, "/manifests/{reference}", "deleteManifest", manifests::delete);

        on(router, HttpMethod.GET, "/tags/list", "/tags/list", "listTags", lists::tags);
        on(router, HttpMethod.GET, "/referrers/(?<digest>[^/]+)", "/referrers/{digest}", "listReferrers",
                referrers::list);
    }

    private void on(Router router, HttpMethod method, String regex, String template, String operation, Action action) {
        router.routeWithRegex(method, "/v2/" + NAME + regex)
            .setName(operation)
            .putMetadata("path", "/v2/{name}" + template)
            .handler(actions.run(action));
    }
}
