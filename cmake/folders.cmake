# Folders are layers: a file includes only from its own folder and from those before it here. tests/house.py holds this order too.
set(CORNU_FOLDERS base tensor kernels graph ops autodiff runtime compiler nn layers losses metrics optimizers data io callbacks train infer)
