package dev.kiln.api.distribution;

import java.util.Optional;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;

import dev.kiln.api.access.Caller;
import dev.kiln.api.access.RegistryAccess;
import dev.kiln.api.access.Right;
import dev.kiln.api.http.Action;
import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;

/**
 * The paths of the distribution-spec ("Endpoints"). A repository's name may hold slashes and the words of these paths:
 * the last of them counts, so a name is everything before it. What the name is made of is checked after decoding.
 */
public final class DistributionRoutes implements Routes {
    private static final String NAME = "(?<name>.+)";
    /** Clients look for the version also in a reply that asks them for a token. */
    private static final int BEFORE_GATES = -950;

    private final Actions actions;
    private final RegistryAccess access;
    private final BlobActions blobs;
    private final UploadActions uploads;
    private final ManifestActions manifests;
    private final ReferrerActions referrers;
    private final ListActions lists;

    /** @param actions whose failures take the form of {@link DistributionErrors} */
    public DistributionRoutes(Actions actions, Registry registry, UploadSessions sessions, Quotas quotas,
            RegistryAccess access) {
        this.actions = actions;
        this.access = access;
        this.blobs = new BlobActions(registry);
        this.uploads = new UploadActions(registry, blobs, sessions, quotas, access);
        this.manifests = new ManifestActions(registry, blobs, quotas);
        this.referrers = new ReferrerActions(registry.manifests(), registry.tags());
        this.lists = new ListActions(registry.tags());
    }

    @Override
    public void addTo(Router router) {
        router.route("/v2/*").order(BEFORE_GATES).handler(routing -> {
            routing.response().putHeader("Docker-Distribution-Api-Version", "registry/2.0");
            routing.next();
        });
        router.get("/v2/")
            .setName("checkRegistry")
            .handler(actions.run(admitted(_ -> Reply.of(200).json(Json.object()))));
        router.get("/v2/_catalog").setName("listRepositories").handler(actions.run(admitted(lists::catalog)));

        String upload = "/blobs/uploads/(?<id>[^/]+)";
        on(router, HttpMethod.POST, "/blobs/uploads/?", "/blobs/uploads/", "beginUpload", Right.PUSH, uploads::begin);
        on(router, HttpMethod.GET, upload, "/blobs/uploads/{id}", "getUpload", Right.PUSH, uploads::status);
        on(router, HttpMethod.PATCH, upload, "/blobs/uploads/{id}", "appendUpload", Right.PUSH, uploads::append);
        on(router, HttpMethod.PUT, upload, "/blobs/uploads/{id}", "finishUpload", Right.PUSH, uploads::finish);
        on(router, HttpMethod.DELETE, upload, "/blobs/uploads/{id}", "cancelUpload", Right.PUSH, uploads::cancel);

        String blob = "/blobs/(?<digest>[^/]+)";
        on(router, HttpMethod.HEAD, blob, "/blobs/{digest}", "headBlob", Right.PULL, blobs::head);
        on(router, HttpMethod.GET, blob, "/blobs/{digest}", "getBlob", Right.PULL, blobs::get);
        on(router, HttpMethod.DELETE, blob, "/blobs/{digest}", "deleteBlob", Right.DELETE, blobs::delete);

        String manifest = "/manifests/(?<reference>[^/]+)";
        on(router, HttpMethod.HEAD, manifest, "/manifests/{reference}", "headManifest", Right.PULL, manifests::head);
        on(router, HttpMethod.GET, manifest, "/manifests/{reference}", "getManifest", Right.PULL, manifests::get);
        on(router, HttpMethod.PUT, manifest, "/manifests/{reference}", "putManifest", Right.PUSH, manifests::put);
        on(router, HttpMethod.DELETE, manifest, "/manifests/{reference}", "deleteManifest", Right.DELETE,
                manifests::delete);

        on(router, HttpMethod.GET, "/tags/list", "/tags/list", "listTags", Right.PULL, lists::tags);
        on(router, HttpMethod.GET, "/referrers/(?<digest>[^/]+)", "/referrers/{digest}", "listReferrers", Right.PULL,
                referrers::list);
    }

    private void on(Router router, HttpMethod method, String regex, String template, String operation, Right right,
            Action action) {
        router.routeWithRegex(method, "/v2/" + NAME + regex)
            .setName(operation)
            .putMetadata("path", "/v2/{name}" + template)
            .handler(actions.run(call -> {
                String name = Named.repository(call).value();
                call.attach(Caller.class, access.admit(call, Optional.of(new RegistryAccess.Need(right, name))));
                return action.perform(call);
            }));
    }

    /** For what is about no repository. */
    private Action admitted(Action action) {
        return call -> {
            call.attach(Caller.class, access.admit(call, Optional.empty()));
            return action.perform(call);
        };
    }
}
