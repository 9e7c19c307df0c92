package dev.kiln.api.distribution;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;

import dev.kiln.api.http.Action;
import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;
import dev.kiln.layercache.content.ContentStore;

/** The paths of the distribution-spec ("Endpoints"). */
public final class DistributionRoutes implements Routes {
    private static final String NAME = "(?<name>.+)";

    private final Actions actions;
    private final BlobActions blobs;
    private final UploadActions uploads;
    private final ManifestActions manifests;
    private final ListActions lists;

    /** @param actions whose failures take the form of {@link DistributionErrors} */
    public DistributionRoutes(Actions actions, ContentStore content, BlobFiles files, TagStore tags,
            UploadSessions sessions) {
        this.actions = actions;
        this.blobs = new BlobActions(content, files, tags);
        this.uploads = new UploadActions(content, blobs, tags, sessions);
        this.manifests = new ManifestActions(content, blobs, tags);
        this.lists = new ListActions(tags);
    }

    @Override
    public void addTo(Router router) {
        router.route("/v2/*").order(-500).handler(routing -> {
            routing.response().putHeader("Docker-Distribution-Api-Version", "registry/2.0");
            routing.next();
        });
        router.get("/v2/")
            .setName("checkRegistry")
            .handler(actions.run(_ -> Reply.of(200)
                .json(
                        dev.kiln.api.http.Json.object())));
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
                manifests::referrers);
    }

    private void on(Router router, HttpMethod method, String regex, String template, String operation, Action action) {
        router.routeWithRegex(method, "/v2/" + NAME + regex)
            .setName(operation)
            .putMetadata("path", "/v2/{name}" + template)
            .handler(actions.run(action));
    }
}
