#!/usr/bin/python3
"""Every promise of the table stands in its document, and can be broken."""
import importlib.machinery
import importlib.util
import os
import re

import tap

loader = importlib.machinery.SourceFileLoader(
    "mutate", os.path.join(tap.TOP, "test", "mutate"))
mutate = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("mutate", loader))
loader.exec_module(mutate)


def plain(text):
    """Without the marks of comments and of manuals, in one line."""
    text = text.replace("\\&", "").replace("\\-", "-")
    text = re.sub(r"^\.Pf (\S+) (Li|Em) ", r"\1", text, flags=re.M)
    text = re.sub(r"^ \* ?|^\.\w\w (?!\w\w )", "", text, flags=re.M)
    text = re.sub(r"( [.,;:)])+$", lambda m: m[0].replace(" ", ""), text,
                  flags=re.M)
    return " ".join(text.split())


documents = {}
for document, words, mutant, test, name in mutate.promises():
    if document not in documents:
        documents[document] = plain(
            tap.read(os.path.join(tap.TOP, document)).decode())
    tap.ok(words in documents[document], f"{document} says: {words}")
    tap.ok(mutant and mutate.made(mutant) is not None,
           f"and it can be broken: {name}")
    if test.startswith("test/cli/"):
        tap.ok(os.path.exists(os.path.join(tap.TOP, test)), f"{test} is there")
    if name.startswith("adversarial-"):
        tap.ok(os.path.isdir(os.path.join(tap.FIXTURES, name)),
               f"so is {name}")
tap.ok(len(documents) >= 3, "of every document")
tap.done()
