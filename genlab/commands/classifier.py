"""``classifier``: train the classifier whose features the scores of a data set are computed with."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "classifier",
        help="train the classifier that scores a data set",
        description="Train the small classifier whose features the scores of a data set are computed with, print its "
        "accuracy on the held-out pictures, and keep it where the scores find it. Those of mnist, mnist-5k (in colour "
        "too) and digits come with the lab; other pictures are scored with random features until theirs is trained.",
    )
    parser.add_argument("--data", required=True, help="a labelled data set: 'python -m genlab data' lists them")
    parser.add_argument("--out", type=Path, help="file to write (in the cache, where the scores look for it)")
    parser.add_argument("--epochs", type=int, help="times to go through the pictures (about 600,000 shown in all)")
    parser.add_argument("--seed", type=int, default=0, help="of weights and order (0)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from genlab.data import find, load
    from genlab.errors import GenlabError
    from genlab.evaluation.classifier import About, check_trainable, save_classifier
    from genlab.evaluation.extractor import classifier_file
    from genlab.evaluation.learning import accuracy, epochs_for, train_classifier

    if arguments.epochs is not None and arguments.epochs < 1:
        raise GenlabError(f"--epochs is a whole number from 1 on, not {arguments.epochs}.")
    check_trainable(find(arguments.data))
    train, test = load(arguments.data, "train"), load(arguments.data, "test")
    epochs = arguments.epochs or epochs_for(len(train))
    with tqdm(total=1.0, bar_format="{percentage:3.0f}% |{bar}| {elapsed}<{remaining}", leave=False) as bar:
        model = train_classifier(train, arguments.seed, epochs, lambda share: bar.update(share - bar.n))
    right = accuracy(model, test)
    about = About(arguments.data, train.shape, train.classes, right, epochs, arguments.seed)
    path = arguments.out or classifier_file(arguments.data)
    digest = save_classifier(model, about, path)
    print(f"{right:.2%} of {len(test):,} held-out pictures of {arguments.data} are named rightly.")
    print(f"{path}\nSHA-256 {digest}")
    return 0
