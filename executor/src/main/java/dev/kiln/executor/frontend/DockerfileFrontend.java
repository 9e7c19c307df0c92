package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.ContextNames;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

/**
 * Turns a Dockerfile into a graph and the configuration of its image, as BuildKit's frontend {@code dockerfile.v0} does.
 *
 * <p>Only stages that the target needs become vertices; images and named contexts of others are not even looked up. For
 * one build, because it knows the build's secrets through {@link Remotes}; may be used again, and by several threads.
 */
public final class DockerfileFrontend {
    private final BaseImages images;
    private final ContextLookup contexts;

    public DockerfileFrontend(BaseImages images, Remotes remotes) {
        this.images = images;
        this.contexts = new ContextLookup(remotes);
    }

    /**
     * Looks the main context up, so that the Dockerfile can be read from it.
     *
     * @param options of which only the build arguments count
     */
    public ContextSource lookUp(ContextSpec main, Map<String, String> buildArgs)
            throws FrontendException, InterruptedException {
        try {
            return contexts.main(main, BuilderArguments.gitDefaults(buildArgs));
        } catch (RemoteException e) {
            throw FrontendException.of(e, "failed to load the build context: " + e.getMessage());
        } catch (DockerfileException e) {
            throw FrontendException.of(e);
        }
    }

    /** A graph of the main context's files alone, to be solved when the Dockerfile is in them. */
    public static BuildGraph contextGraph(ContextSource context, Platform platform) {
        GraphBuilder graph = new GraphBuilder();
        Vertex files = ContextVertices.files(context, ContextVertices.MAIN, graph);
        return graph.build(files, ImageConfig.empty(platform));
    }

    /**
     * What became of a Dockerfile.
     *
     * @param report what the build checks found; when it says so, the build fails although there is a graph
     */
    public record Translated(BuildGraph graph, LintReport report) {}

    /** The name of the one file that the context is; empty for one that is more than a file. */
    public static Optional<String> onlyFile(ContextSource context) {
        return context instanceof ContextSource.Files(OpSpec.Http(var _, var _, var _, String name, var _))
                ? Optional.of(name)
                : Optional.empty();
    }

    /** @throws FrontendException when the file is wrong, not supported, or needs something that cannot be had */
    public Translated translate(Dockerfile file, FrontendOptions options)
            throws FrontendException, InterruptedException {
        GraphBuilder graph = new GraphBuilder();
        List<Image> images = new ArrayList<>();
        try {
            if (options.platforms().targets().size() < 2) {
                images.add(translate(file, options, graph, false));
            } else {
                for (Platform platform : options.platforms().targets()) {
                    images.add(translate(file, options.only(platform), graph, true));
                }
            }
        } catch (DockerfileException e) {
            throw FrontendException.of(e);
        }
        return new Translated(graph.build(images.stream().map(Image::target).toList(), images.getFirst().proxyEnv()),
                LintReport.together(images.stream().map(Image::report).toList()));
    }

    /** One image of a build. */
    private record Image(BuildGraph.Target target, List<String> proxyEnv, LintReport report) {}

    /** @param several whether it is for one of several platforms */
    private Image translate(Dockerfile file, FrontendOptions options, GraphBuilder graph, boolean several)
            throws FrontendException, InterruptedException {
        BuildArguments arguments = BuildArguments.of(file, options, contexts);
        Expander expander = file.expander();
        StageLabels labels = StageLabels.of(file);
        StagePlatforms platforms = new StagePlatforms(file.stages(), options.platforms().wanted(), arguments.globals(),
                expander);
        SourceResolver sources = new SourceResolver(images, contexts, options.contexts().named(), labels);
        ContextNames names = new ContextNames(options.contexts().named().keySet());
        Triggers triggers = new Triggers();
        List<Stage> all = new ArrayList<>(file.stages());
        StageGraph stages;
        Stage target;
        List<Stage> needed;
        do {
            stages = StageGraph.of(all, arguments.globals(), expander, names);
            target = target(all, stages, options.target());
            needed = stages.needed(target);
            sources.resolve(stages, needed, platforms);
        } while (triggers.expand(all, stages, needed, sources, platforms));
        Translation build = new Translation(options, arguments, expander, stages,
                new Translation.Sources(sources, platforms, triggers, contexts), graph,
                new RepetitionLimit(), several);
        StageTranslator translator = new StageTranslator(build, labels);
        for (Stage stage : needed) {
            translator.translate(stage);
        }
        return new Image(finish(build, translator.result(target)), arguments.proxyEnv(),
                BuildChecks.check(file, options, sources));
    }

    /** A stage by its name, or else by its number in the file. */
    private static Stage target(List<Stage> all, StageGraph stages, Optional<String> name) {
        boolean number = name.filter(n -> n.matches("[0-9]{1,6}")).isPresent();
        int index = number ? Integer.parseInt(name.orElseThrow()) : -1;
        return number && index < all.size() ? all.get(index) : stages.target(name);
    }

    /** Which version of the system an image is for, its base says when the request does not. */
    private static Platform onBase(Platform wanted, Platform base) {
        return wanted.os().equals(base.os()) && wanted.osVersion().isEmpty()
                ? new Platform(wanted.os(), wanted.architecture(), wanted.variant(), base.osVersion(),
                        base.osFeatures())
                : wanted;
    }

    private static BuildGraph.Target finish(Translation build, StageState target) {
        build.options().labels().forEach(target.config()::setLabel);
        ImageConfig made = target.config().toConfig();
        Platform base = made.platform().normalized();
        Platform platform = build.options().platforms().target().map(wanted -> onBase(wanted, base)).orElse(base);
        ImageConfig image = new ImageConfig(platform, made.created(), made.author(), made.config(), made.layers(),
                made.history());
        return new BuildGraph.Target(target.root(), image, build.arguments().epoch());
    }
}
