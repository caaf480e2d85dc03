"""What uvicorn serves."""

import os
import warnings

from django.core.asgi import get_asgi_application

# Whitenoise and images hand out files by plain iterators; Django reads them in a thread and warns each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("FENLIU_WEB", "1")
application = get_asgi_application()
