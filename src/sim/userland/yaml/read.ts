// YAML as Kubernetes' tools read it (sigs.k8s.io/yaml over yaml.v2): documents of YAML 1.1 or JSON, turned to JSON;
// go-yaml's words for what it cannot read.

import { YamlFault, YamlProblem } from './fault.ts';
import { parseDocument } from './nodes.ts';
import { valueOf } from './values.ts';

export { YamlProblem };

/** The documents of a file. */
export function splitDocuments(text: string): string[] {
  return text
    .split(/^---(?=\s|$)[^\n]*\n?/m)
    .filter((part) => part.replace(/^\s*#.*$/gm, '').trim() !== '');
}

/** The first document of a text as a JSON value; null where there is none. A key that stands twice has its last value. */
export function parseYaml(text: string): unknown {
  try {
    const node = parseDocument(text, 'v2');
    return node ? valueOf(node, 'v2') : null;
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    return new YamlProblem(error.message);
  }
}
