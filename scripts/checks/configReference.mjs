import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import ts from 'typescript';
import { root } from '../launch/paths.mjs';
import { listPackages } from './packages.mjs';

/** Where the reference lies, relative to the root. */
export const CONFIG_REFERENCE = 'docs/config.md';

/**
 * The reference of every config key that the packages declare in their `config.d.ts`, as Markdown: one table per top key of the config.
 * `node scripts/checks/configReference.mjs` writes it to its place.
 */
export async function describeConfig() {
  const keys = new Map();
  for (const { folder, manifest } of listPackages()) {
    const file = path.join(root, folder, 'config.d.ts');
    // The app's own keys are the launcher's, not an adopter's.
    if (manifest.name === 'app' || !fs.existsSync(file)) {
      continue;
    }
    const source = ts.createSourceFile(
      file,
      fs.readFileSync(file, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    source.forEachChild(node => {
      if (ts.isInterfaceDeclaration(node)) {
        collect(node.members, '', path.basename(folder), keys);
      }
    });
  }
  return prettier.format(render(keys.values()), {
    ...(await prettier.resolveConfig(root)),
    parser: 'markdown',
  });
}

function collect(members, prefix, reader, keys) {
  for (const member of members) {
    const name = `${prefix}${member.name.getText()}`;
    const { inner, suffix } = innerOf(member.type);
    const known = keys.get(name);
    if (known) {
      known.readers.add(reader);
      known.required ||= !member.questionToken;
      known.words.add(wordsOf(member));
    } else {
      keys.set(name, {
        name,
        type: inner ? '' : member.type.getText().replace(/\s+/g, ' '),
        required: !member.questionToken,
        list: suffix === '[].',
        readers: new Set([reader]),
        words: new Set([wordsOf(member)]),
      });
    }
    if (inner) {
      collect(inner, `${name}${suffix}`, reader, keys);
    }
  }
}

/** The fields of an object, or of the objects in a list. */
function innerOf(type) {
  if (
    ts.isTypeLiteralNode(type) &&
    !type.members.some(ts.isIndexSignatureDeclaration)
  ) {
    return { inner: type.members, suffix: '.' };
  }
  if (
    ts.isTypeReferenceNode(type) &&
    type.typeName.getText() === 'Array' &&
    ts.isTypeLiteralNode(type.typeArguments[0])
  ) {
    return { inner: type.typeArguments[0].members, suffix: '[].' };
  }
  return {};
}

/** What stands above a key, and who else may read its value. */
function wordsOf(member) {
  const [doc] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
  const visibility = doc?.tags?.find(tag => tag.tagName.text === 'visibility');
  const readable = {
    secret: 'Secret.',
    frontend: 'The browser reads it too.',
  }[visibility?.comment];
  return [ts.getTextOfJSDocComment(doc?.comment), readable]
    .filter(Boolean)
    .join(' ')
    .replace(/\s+/g, ' ');
}

/** The part of the page that a key stands in: `argocd`, or the second word below `switchyard`. */
function sectionOf({ name }) {
  const [top, second] = name.split(/[.[]/);
  return top === 'switchyard' ? `${top}.${second}` : top;
}

function render(keys) {
  const sections = new Map();
  for (const key of keys) {
    if (key.name.includes('.')) {
      const rows = sections.get(sectionOf(key)) ?? [];
      sections.set(sectionOf(key), [...rows, key]);
    }
  }
  return [
    '# Config reference',
    '',
    'Every key that the plugins read, from their `config.d.ts`; `node scripts/checks/configReference.mjs` writes this page. The keys of the Kubernetes plugin stay as',
    'they are and are not repeated here. `[]` stands for each entry of a list; **bold** keys have to be there.',
    ...[...sections]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([section, rows]) => [
        '',
        `## \`${section}\``,
        '',
        '| key | type | what it is | read by |',
        '| --- | --- | --- | --- |',
        ...rows.map(rowOf),
      ]),
    '',
  ].join('\n');
}

function rowOf({ name, type, list, required, words, readers }) {
  const key = `\`${name}\``;
  const cells = [
    required ? `**${key}**` : key,
    type ? `\`${type}\`` : list ? 'list' : 'section',
    [...words].filter(Boolean).join(' '),
    [...readers].join(', '),
  ];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.writeFileSync(path.join(root, CONFIG_REFERENCE), await describeConfig());
}
