"""Asks the running CPython what it knows of its own opcodes, and prints the facts as JSON.

Run by `cargo xtask codegen --ask` with each installed release, 2.7 included, so the language used
here is what all of them share. Facts come from `opcode`, `dis` and `_opcode`; what only the C
headers say (how many items an instruction pops and pushes, and the opcodes that `dis` hides) comes
from the headers that this interpreter was installed with, where it has them; else those keys are
kept from the file of facts named as the only argument.
"""
import dis
import json
import opcode
import os
import re
import sys
import sysconfig
import warnings

warnings.simplefilter("ignore")

# Wide enough to tell a constant from a slope, a low bit, a popcount and a split into bytes.
OPARGS = list(range(0, 34)) + [255, 256, 257, 258, 511, 512, 513, 770]


def magic():
    if sys.version_info[0] == 2:
        import imp
        raw = imp.get_magic()
        return ord(raw[0]) | ord(raw[1]) << 8
    import importlib.util
    return int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")


def header(name):
    """The text of an internal C header of this installation, or None."""
    path = os.path.join(sysconfig.get_path("include"), "internal", name)
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()


def opcode_groups():
    """Every named opcode: what the compiler writes, and what only the runtime or compiler uses."""
    every = dict(getattr(dis, "_all_opmap", opcode.opmap))
    every.update(getattr(opcode, "_specialized_opmap", {}))
    deopt = dict(getattr(dis, "deoptmap", {}))
    text = header("pycore_opcode.h")
    if text and sys.version_info[:2] == (3, 11):
        # Only the C source of 3.11 names it: the opcode that tracing puts over each instruction.
        every["DO_TRACING"] = 255
    groups = {"base": {}, "specialized": {}, "instrumented": {}, "pseudo": {}}
    for name, number in every.items():
        if number >= 256:
            group = "pseudo"
        elif name in deopt:
            group = "specialized"
        elif name.startswith("INSTRUMENTED_") or name in ("DO_TRACING", "TRACE_RECORD"):
            group = "instrumented"
        elif name == "ENTER_EXECUTOR":
            group = "instrumented"
        else:
            group = "base"
        groups[group][name] = number
    groups["deopt"] = deopt
    return groups


def effect(number, oparg):
    """[effect when not jumping, effect when jumping], or None where CPython refuses."""
    stack_effect = getattr(dis, "stack_effect", None) or opcode.stack_effect
    try:
        if sys.version_info >= (3, 8):
            return [stack_effect(number, oparg, jump=False), stack_effect(number, oparg, jump=True)]
        value = stack_effect(number, oparg)
        return [value, value]
    except (ValueError, OverflowError):
        return None


def stack_effects(groups):
    if not hasattr(opcode, "stack_effect"):
        return None
    has_arg = set(getattr(dis, "hasarg", None) or
                  [n for n in range(256) if n >= opcode.HAVE_ARGUMENT])
    facts = {}
    for group in ("base", "instrumented", "pseudo"):
        for name, number in groups[group].items():
            if number in has_arg:
                answers = [(oparg, effect(number, oparg)) for oparg in OPARGS]
                answers = [(oparg, answer) for oparg, answer in answers if answer is not None]
                if not answers:
                    continue
                if all(answer == answers[0][1] for _, answer in answers):
                    facts[name] = {"*": answers[0][1]}
                else:
                    facts[name] = dict(("%d" % oparg, answer) for oparg, answer in answers)
            else:
                answer = effect(number, None)
                if answer is not None:
                    facts[name] = {"-": answer}
    return facts


def header_counts():
    """{"num_popped": {name: expression in oparg}, "num_pushed": ...} from the C headers."""
    text = header("pycore_opcode_metadata.h")
    facts = {}
    if not text:
        return facts
    for key in ("num_popped", "num_pushed"):
        body = re.search(r"int _PyOpcode_%s\(int opcode, int oparg\)\s*\{(.*?)\n\}" % key, text, re.S)
        if not body:
            continue
        table, pending = {}, []
        for line in body.group(1).splitlines():
            case = re.match(r"\s*case (\w+):", line)
            answer = re.match(r"\s*return (.*);", line)
            if case:
                pending.append(case.group(1))
            elif answer and pending:
                for name in pending:
                    table[name] = answer.group(1)
                pending = []
        facts[key] = table
    return facts


def names_of(numbers, groups):
    names = {}
    for group in ("base", "specialized", "instrumented", "pseudo"):
        for name, number in groups[group].items():
            names[number] = name
    return sorted(names[number] for number in set(numbers) if number in names)


def main():
    groups = opcode_groups()
    facts = {
        "python": sys.version.split()[0],
        "magic": magic(),
        "have_argument": opcode.HAVE_ARGUMENT,
        "cmp_op": list(opcode.cmp_op),
    }
    facts.update(groups)
    caches = getattr(opcode, "_inline_cache_entries", None)
    if isinstance(caches, (list, tuple)):
        caches = dict((opcode.opname[number], count) for number, count in enumerate(caches))
    facts["caches"] = dict((name, count) for name, count in (caches or {}).items() if count)
    facts["cache_format"] = dict(
        (name, [[field, size] for field, size in dict(layout).items()])
        for name, layout in dict(getattr(opcode, "_cache_format", {})).items() if layout)
    facts["families"] = dict((base, list(members))
                             for base, members in dict(getattr(opcode, "_specializations", {})).items())
    for key in ("hasarg", "hasconst", "hasname", "hasjrel", "hasjabs", "haslocal", "hascompare",
                "hasfree", "hasexc"):
        numbers = getattr(dis, key, None)
        if numbers is not None:
            facts[key] = names_of(numbers, groups)
    if hasattr(opcode, "_nb_ops"):
        facts["nb_ops"] = [list(pair) for pair in opcode._nb_ops]
    for key in ("_intrinsic_1_descs", "_intrinsic_2_descs", "_special_method_names"):
        if hasattr(opcode, key):
            facts[key[1:]] = list(getattr(opcode, key))
    if hasattr(opcode, "_common_constants"):
        facts["common_constants"] = [getattr(value, "__name__", None) or repr(value)
                                     for value in opcode._common_constants]
    effects = stack_effects(groups)
    if effects is not None:
        facts["stack_effect"] = effects
    facts.update(header_counts())
    if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
        with open(sys.argv[1]) as file:
            known = json.load(file)
        for key in ("num_popped", "num_pushed"):
            if key in known:
                facts.setdefault(key, known[key])
    print_readably(facts)


def print_readably(facts):
    """One line an entry, sorted: a change of one fact is a change of one line."""
    lines = []
    for key in sorted(facts):
        value = facts[key]
        if isinstance(value, dict):
            entries = ["    %s: %s" % (json.dumps(k), json.dumps(value[k], sort_keys=True))
                       for k in sorted(value, key=lambda k: (value[k], k) if isinstance(value[k], int) else (0, k))]
            lines.append("  %s: {%s}" % (json.dumps(key), "\n" + ",\n".join(entries) + "\n  " if entries else ""))
        else:
            lines.append("  %s: %s" % (json.dumps(key), json.dumps(value)))
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
