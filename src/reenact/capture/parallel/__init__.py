"""Reading on a second core: a helper process decodes posts while this one stores their spans.

Decoding and finding facts take as long as storing, and one Python does one thing at a time.
"""

from reenact.capture.parallel.reading import possible as possible
from reenact.capture.parallel.reading import read_posts as read_posts
from reenact.capture.parallel.reading import worthwhile as worthwhile
from reenact.capture.parallel.shapes import Order as Order
from reenact.capture.parallel.shapes import PostRead as PostRead
