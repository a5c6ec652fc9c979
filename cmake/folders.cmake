# Folders are layers: a file includes only from its own folder and from those before it here. tests/layers.py holds this order too.
set(CORNU_FOLDERS base tensor kernels graph ops autodiff runtime compiler nn data io train)
