package dev.kiln.executor.worker;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.lint.Finding;
import dev.kiln.dockerfile.lint.Rule;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.frontend.ContextSource;
import dev.kiln.executor.frontend.DockerfileFrontend;
import dev.kiln.executor.frontend.FrontendException;
import dev.kiln.executor.frontend.FrontendOptions.Entitlement;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.op.StepTools;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.executor.source.ContextException;
import dev.kiln.executor.source.ContextFetcher;
import dev.kiln.executor.source.ContextFiles;
import dev.kiln.executor.source.UnpackedContext;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.event.BuildEvent.Reason;
import dev.kiln.queue.event.Notice;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;

/**
 * What comes before a build can be solved: its context is brought in, its Dockerfile read and translated. For one build;
 * holds the context, and the agent with the build's ssh keys, until it is closed.
 */
final class Preparation implements AutoCloseable {
    private final BuildRequest request;
    private final ContextFetcher contexts;
    private final StepTools tools;
    private final DockerfileFrontend frontend;
    private final Progress progress;
    private final BuildAgent agent;
    private final Deque<UnpackedContext> held = new ArrayDeque<>();

    /** The build under way. */
    interface Progress {
        /** Solves a graph and tells about it. */
        Result solve(BuildGraph graph) throws BuildFailed, InterruptedException;

        void notice(Notice notice);
    }

    Preparation(BuildRequest request, ContextFetcher contexts, StepTools tools, DockerfileFrontend frontend,
            Progress progress, BuildAgent agent) {
        this.request = request;
        this.contexts = contexts;
        this.tools = tools;
        this.frontend = frontend;
        this.progress = progress;
        this.agent = agent;
    }

    /** @param allowed what steps may have beyond the usual sandbox */
    BuildGraph graph(Set<Entitlement> allowed) throws BuildFailed, InterruptedException {
        String name = request.files().dockerfile();
        try {
            ContextSource context = frontend.lookUp(RequestOptions.spec(request.files().context()),
                    request.options().buildArgs());
            Dockerfile file = DockerfileParser.parse(dockerfile(context));
            DockerfileFrontend.Translated translated = frontend.translate(file,
                    RequestOptions.of(request, context, allowed));
            return checked(translated, name);
        } catch (ContextException e) {
            throw new BuildFailed(Reason.CONTEXT, text(e), e);
        } catch (IOException e) {
            throw new BuildFailed(Reason.INTERNAL, "reading the Dockerfile failed: " + text(e), e);
        } catch (DockerfileException e) {
            throw new BuildFailed(Reason.INVALID, e.describe(name), e);
        } catch (FrontendException e) {
            throw new BuildFailed(switch (e.code()) {
                case INVALID, UNSUPPORTED -> Reason.INVALID;
                case BASE_IMAGE -> Reason.BASE_IMAGE;
                case REMOTE -> Reason.CONTEXT;
            }, e.describe(name), e);
        }
    }

    /** Tells what the build checks found, which may fail the build. */
    private BuildGraph checked(DockerfileFrontend.Translated translated, String name) throws BuildFailed {
        translated.report().findings().forEach(finding -> progress.notice(notice(finding)));
        Optional<String> violation = translated.report().violation();
        if (violation.isPresent()) {
            throw new BuildFailed(Reason.INVALID, name + ": " + violation.get(), null);
        }
        return translated.graph();
    }

    private static Notice notice(Finding finding) {
        Rule rule = finding.rule();
        return new Notice(Optional.of(rule.id()), finding.message(), rule.url(), List.of(rule.description()),
                List.of(new Notice.Lines(finding.range().startLine(), finding.range().endLine())));
    }

    private byte[] dockerfile(ContextSource context) throws IOException, BuildFailed, InterruptedException {
        String path = request.files().dockerfile();
        Optional<UnpackedContext> uploaded = request.files().context() instanceof ContextRef.Uploaded
                ? Optional.of(hold(request.files().context()))
                : Optional.empty();
        if (request.files().dockerfileFrom().isPresent()) {
            return hold(request.files().dockerfileFrom().get()).dockerfile(path);
        }
        return uploaded.isPresent() ? uploaded.get().dockerfile(path) : fetched(context, path);
    }

    private UnpackedContext hold(ContextRef context) throws ContextException, InterruptedException {
        UnpackedContext unpacked = contexts.fetch(context);
        held.push(unpacked);
        return unpacked;
    }

    /** The context is the result of a step; a single file that was downloaded is the Dockerfile itself. */
    private byte[] fetched(ContextSource context, String path) throws IOException, BuildFailed, InterruptedException {
        Result files = progress.solve(DockerfileFrontend.contextGraph(context, Platform.host()));
        String name = DockerfileFrontend.onlyFile(context).orElse(path);
        try (Mounted mounted = tools.snapshots().view(tools.stacks().of(files))) {
            return new ContextFiles(mounted.target()).dockerfile(name);
        } catch (StepFailed e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static String text(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    @Override
    public void close() {
        held.forEach(UnpackedContext::close);
        held.clear();
        agent.close();
    }
}
