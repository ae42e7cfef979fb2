"""What a student's JupyterLab is told as it starts: its terminals find `mlpkit`."""

import os
import sysconfig

os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
