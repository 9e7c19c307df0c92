package dev.kiln.dockerfile.stage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.stage.StageGraph.Dependency;

/** Looks for stages that take files from themselves, directly or through others, without recursion. */
final class Circles {

    /** More would not help anybody to see the circle. */
    private static final int MOST_PLACES = 20;

    private final List<List<Dependency>> dependencies;
    private final BitSet visited;
    private final BitSet onPath;
    private final Deque<Iterator<Dependency>> open = new ArrayDeque<>();
    /** The instructions that led to the stage on top. */
    private final List<Dependency> path = new ArrayList<>();

    Circles(List<List<Dependency>> dependencies) {
        this.dependencies = dependencies;
        this.visited = new BitSet(dependencies.size());
        this.onPath = new BitSet(dependencies.size());
    }

    void refuse() {
        for (int index = 0; index < dependencies.size(); index++) {
            if (!visited.get(index)) {
                walk(index);
            }
        }
    }

    private void walk(int root) {
        enter(root);
        while (!open.isEmpty()) {
            if (open.peek().hasNext()) {
                follow(open.peek().next());
            } else {
                open.pop();
                int left = path.isEmpty() ? root : path.removeLast().on().index();
                onPath.clear(left);
            }
        }
    }

    private void follow(Dependency dependency) {
        int index = dependency.on().index();
        if (onPath.get(index)) {
            path.add(dependency);
            throw circle(dependency);
        }
        if (!visited.get(index)) {
            path.add(dependency);
            enter(index);
        }
    }

    private void enter(int index) {
        visited.set(index);
        onPath.set(index);
        open.push(dependencies.get(index).iterator());
    }

    private DockerfileException circle(Dependency closing) {
        Instruction last = closing.by();
        DockerfileException circle = new DockerfileException(Code.STAGE,
                "circular dependency detected on stage: " + closing.on().displayName(), last.range(),
                last.origin().text());
        int from = Math.max(0, path.size() - MOST_PLACES);
        for (Dependency dependency : path.subList(from, path.size()).reversed()) {
            circle = circle.at(dependency.by().range(), "");
            if (dependency != closing && dependency.on().equals(closing.on())) {
                break;
            }
        }
        return circle;
    }
}
