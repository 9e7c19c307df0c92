package dev.kiln.dockerfile.lint;

import java.util.Set;

import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.stage.StageGraph;

/**
 * What the stages of one check have in common.
 *
 * @param switches of the whole file
 * @param globals what FROM lines see
 * @param unknownBases where the images go whose environment would have to be known
 */
record LintRun(LintContext context, Switches switches, Words words, Suggestions suggestions, StageGraph graph,
        Scope globals, Set<String> unknownBases) {}
