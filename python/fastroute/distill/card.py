"""Words the model card of a distilled encoder."""

from __future__ import annotations

from fastroute.distill.teacher import Teacher

_CARD = """---
library_name: model2vec
license: apache-2.0
language: en
tags: [static-embeddings, sentence-similarity]
---

# fastroute's static encoder

A table of {rows} token rows of {dimensions} int8 numbers in the model2vec file
format. A text's vector is the sum of the rows of its tokens, scaled to length one.
Tokens without a row of their own (`[UNK]`) are left out.

## How it was made

`fastroute distill` read every vocabulary token alone, as `[CLS] token [SEP]`,
through the teacher; took the last layer's state at the token; scaled it to length
one; projected onto the {dimensions} strongest principal components; weighted each
row by `1e-4 / (1e-4 + p)`, p being Zipf's law on the row number; and rounded to
int8 with one scale for the whole table. No text corpus was used. Rows of special
and unused tokens are zero.

- Teacher: all-MiniLM-L6-v2 by the Sentence Transformers team, Apache-2.0.
- SHA-256 of the teacher's weights: `{teacher_sha256}`
- SHA-256 of `model.safetensors`: `{{sha256}}`

`background.txt`, where it lies beside the shipped encoder, is not made by
`fastroute distill`: its lines were written for fastroute and stand for "none of
these" when a head is trained.

## Licence

Apache-2.0, as the teacher's weights and tokenizer; `background.txt` too.

## Limits

English first: the vocabulary is that of uncased English BERT. The order of words
does not count, and negation hardly does.
"""


def model_card(teacher: Teacher, dimensions: int) -> str:
    """Returns the card, with `{sha256}` left for the writer to fill in."""
    return _CARD.format(
        rows=len(teacher.vocabulary),
        dimensions=dimensions,
        teacher_sha256=teacher.weights_sha256,
    )
