"""What other tools call our nodes: Nuke, TouchDesigner, Fusion, Blender, After Effects, and plain habit.

For the palette's search only, so a name may lead to the nearest thing where there is no twin.
Spaces, capitals and punctuation don't matter there: "Merge2", "merge 2" and "MERGE2" are one name.
"""

from __future__ import annotations

from collections.abc import Mapping

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "nodegraph.capture.constant": ("Constant TOP", "Background", "Solid", "Solid Color", "RGB", "Color", "Colour"),
    "nodegraph.capture.pattern": (
        "CheckerBoard", "Color Bars", "Color Wheel", "Test Pattern", "Noise", "Noise TOP", "Fast Noise", "SMPTE Bars",
        "Zone Plate", "Grid", "Checker Texture",
    ),
    "nodegraph.capture.read": (
        "Loader", "MediaIn", "Movie File In TOP", "Image", "Movie Clip", "Image Sequence", "Footage", "Open", "Load",
        "Import", "File In", "Video", "Plate",
    ),
    "nodegraph.colour.cdl": ("OCIO CDL Transform", "Slope Offset Power", "SOP", "Color Decision List", "Color Balance"),
    "nodegraph.colour.clamp": ("Limit TOP", "Limit", "Min Max", "Clip Values"),
    "nodegraph.colour.curves": (
        "ColorLookup", "Lookup TOP", "RGB Curves", "Color Curves", "Hue Curves", "Tone Curve", "Spline",
    ),
    "nodegraph.colour.display_view": ("OCIO Display", "View Transform", "ODT", "Viewer Process", "Output Transform"),
    "nodegraph.colour.dither": ("Banding", "Deband", "Quantise", "TPDF"),
    "nodegraph.colour.exposure": ("EXPTool", "Stops", "Gain", "Brightness", "f-stop"),
    "nodegraph.colour.grade": (
        "Grade", "ColorCorrect", "Color Corrector", "Level TOP", "Levels", "Brightness/Contrast", "Lift Gamma Gain",
        "Gamma", "Multiply", "Add", "Offset Gain", "Contrast", "Map Range", "Lumetri Color", "Black Point",
        "White Balance",
    ),
    "nodegraph.colour.hue_shift": ("HueShift", "Hue/Saturation", "HSV Adjust TOP", "Hue Correct", "Hue Saturation Value"),
    "nodegraph.colour.invert": ("Negative", "Invert Color", "Complement", "Reverse Matte"),
    "nodegraph.colour.log": (
        "Log2Lin", "Lin2Log", "PLogLin", "Colorspace", "Gamut", "Cineon", "LogC", "S-Log", "sRGB", "PQ", "HLG",
        "Linearise",
    ),
    "nodegraph.colour.lut_file": (
        "Vectorfield", "OCIO File Transform", "FileLUT", "LUT", "3D LUT", "Cube", "Apply Color LUT", "Look",
        "OCIO TOP",
    ),
    "nodegraph.colour.matrix": ("ColorMatrix", "Channel Mixer", "Channel Booleans", "Monochrome", "RGB to BGR", "HSV to RGB"),
    "nodegraph.colour.ocio_transform": (
        "OCIO ColorSpace", "OCIO Transform", "Convert Colorspace", "Color Space Transform", "ACES Transform", "IDT",
    ),
    "nodegraph.colour.saturation": ("Saturate", "Desaturate", "Vibrance", "Black and White", "Chroma Level"),
    "nodegraph.colour.soft_clip": ("SoftClip", "Highlight Compress", "Roll-off", "Knee", "Gamut Compress"),
    "nodegraph.colour.tone_map": ("Tonemap", "Filmic", "Reinhard", "HDR to SDR", "Tone Map TOP"),
    "nodegraph.draw.radial": ("Ellipse Mask", "Ellipse", "Circle TOP", "Circle", "Vignette", "Oval", "Spot"),
    "nodegraph.draw.ramp": ("Gradient", "Ramp TOP", "Gradient Ramp", "Linear Wipe", "Graduated Filter"),
    "nodegraph.draw.roto": (
        "RotoPaint", "Bezier", "Polygon", "BSpline", "Rotoscope", "Mask", "Garbage Matte", "Shape", "Paint", "Spline Mask",
    ),
    "nodegraph.draw.text": ("Text2", "Text+", "Text TOP", "Title", "Type", "Caption", "Burn-in", "Slate", "String"),
    "nodegraph.environment.blend_worlds": ("Environment Mix", "World Dissolve", "Sky Crossfade"),
    "nodegraph.environment.from_picture": ("HDRI", "Environment Light", "Environment Texture", "Latlong", "IBL", "SphericalTransform"),
    "nodegraph.environment.generate": ("ComfyUI", "Stable Diffusion", "KSampler", "Text to Image", "Inpaint", "Outpaint", "Generative Fill"),
    "nodegraph.environment.library": ("HDRI Haven", "Poly Haven", "Asset Browser", "HDR Folder"),
    "nodegraph.environment.prompt": ("Text to World", "CLIP Text Encode", "Text Prompt", "Director", "Words"),
    "nodegraph.environment.sky": ("Nishita", "Sky Texture", "Physical Sky", "Hosek", "Preetham", "Sun", "Clouds", "Weather"),
    "nodegraph.environment.terrain": ("Ground", "Landscape", "Ocean", "Mountains", "Desert", "Skyline", "Set Extension"),
    "nodegraph.environment.view": ("Panorama Camera", "ScanlineRender", "Equirectangular", "Virtual Camera", "Frustum", "Projection"),
    "nodegraph.filter.blur": ("Blur TOP", "Gaussian Blur", "EdgeBlur", "Soften", "Smooth", "Gauss"),
    "nodegraph.filter.box": ("Fast Blur", "Box Filter", "Average", "Mean"),
    "nodegraph.filter.defocus": (
        "ZDefocus", "Bokeh", "Bokeh Blur", "Convolve", "Lens Blur", "Camera Lens Blur", "Depth Blur", "Iris",
    ),
    "nodegraph.filter.dilate_erode": (
        "Dilate", "Erode", "FilterErode", "Dilate/Erode", "ErodeFast", "Erode/Dilate", "Simple Choker", "Choke",
        "Spread", "Grow", "Shrink", "Minimax", "Morphology",
    ),
    "nodegraph.filter.directional_blur": ("DirBlur", "MotionBlur2D", "VectorBlur", "Motion Blur", "Linear Blur", "Streak"),
    "nodegraph.filter.edge_detect": ("EdgeDetect", "Edge TOP", "Sobel", "Laplacian", "Find Edges", "Outline", "Gradient Length"),
    "nodegraph.filter.grain": ("ScannedGrain", "F_ReGrain", "Film Grain", "Add Grain", "Noise & Grain", "Camera Noise"),
    "nodegraph.filter.median": ("Denoise", "Despeckle", "Degrain", "Dust & Scratches", "Rank Filter", "Remove Noise"),
    "nodegraph.filter.sharpen": ("Unsharp Mask", "Luma Sharpen", "Detail", "High Pass"),
    "nodegraph.filter.zoom_blur": ("Radial Blur", "GodRays", "CC Radial Blur", "Volume Rays", "Light Rays", "Shine"),
    "nodegraph.flow.dot": ("Null TOP", "NoOp", "Reroute", "Pipe Router", "Elbow", "Pass Through", "Adjustment"),
    "nodegraph.flow.switch": ("Switch TOP", "Selector", "Choose", "Which", "Multiplexer"),
    "nodegraph.keying.chroma": (
        "Keylight", "Primatte", "Ultimatte", "IBKGizmo", "Chroma Key TOP", "DeltaKeyer", "Ultra Keyer", "Chroma Keyer",
        "Keying", "Keyer", "HueKeyer", "Key", "Green Screen", "Blue Screen", "Despill", "Spill Suppressor",
        "RGB Key TOP", "Pull Key",
    ),
    "nodegraph.merge.add_channels": ("AddChannels", "Add Layer", "Add Alpha", "Solid Alpha"),
    "nodegraph.merge.copy": (
        "ChannelMerge", "MatteControl", "Copy Alpha", "Set Alpha", "Set Matte", "Track Matte", "Copy Channels",
    ),
    "nodegraph.merge.dissolve": ("Cross TOP", "Cross Fade", "Mix", "Blend", "Fade", "Opacity"),
    "nodegraph.merge.keymix": ("Inside", "Mask Mix", "Matte TOP", "Masked Merge", "Through Mask"),
    "nodegraph.merge.merge": (
        "Merge2", "Composite TOP", "Over TOP", "Alpha Over", "Over", "Under", "Add TOP", "Multiply TOP", "Screen", "Plus",
        "Multiply", "Minus", "Difference TOP", "Atop", "Stencil", "Mask", "Comp", "Layer", "Blend Mode", "Layer Mix",
    ),
    "nodegraph.merge.premultiply": ("Premult", "Alpha Multiply", "Convert Premul", "Associate Alpha"),
    "nodegraph.merge.remove": ("Remove Channels", "Keep Channels", "Drop Layer", "Delete Channels"),
    "nodegraph.merge.shuffle": (
        "ShuffleCopy", "Shuffle2", "Reorder TOP", "Set Channels", "Separate RGBA", "Combine RGBA", "Swap Channels",
        "Swizzle", "Split Channels",
    ),
    "nodegraph.merge.unpremultiply": ("Unpremult", "Alpha Divide", "Remove Color Matting", "Unassociate Alpha"),
    "nodegraph.output.contact_sheet": ("LayerContactSheet", "Layout TOP", "Mosaic", "Grid Layout", "Thumbnails", "Tile"),
    "nodegraph.output.write": (
        "Saver", "MediaOut", "Movie File Out TOP", "File Output", "Render", "Export", "Save", "Encode", "Render Queue",
    ),
    "nodegraph.relight.bake_lights": ("Median Cut", "Light Extraction", "Light Probe", "Fixtures", "DMX"),
    "nodegraph.relight.delight": ("Albedo", "Flatten Light", "Intrinsic"),
    "nodegraph.relight.geometry": ("Normals", "Depth Map", "Normal Map", "Inflate", "NormalsGenerator"),
    "nodegraph.relight.light": ("DirectionalLight", "Spotlight", "Point Light", "Area Light", "Lamp", "Light COMP"),
    "nodegraph.relight.match": ("MatchGrade", "Color Transfer", "Harmonise", "Match Move Grade", "Black Level"),
    "nodegraph.relight.relight": ("ReLight TOP", "IC-Light", "SwitchLight", "Environment Lighting", "Shading"),
    "nodegraph.relight.shadow": ("Drop Shadow", "Cast Shadow", "Contact Shadow", "Ground"),
    "nodegraph.relight.world_light": ("Key Light", "Rig"),
    "nodegraph.time.clip_range": ("FrameRange", "Time Clip", "Trim", "Cut", "In Out Points", "Loop"),
    "nodegraph.time.frame_blend": ("FrameBlend", "Time Echo", "Echo", "Trails", "Temporal Average", "CC Wide Time"),
    "nodegraph.time.hold": ("FrameHold", "Freeze Frame", "Still", "Posterize Time", "Cache TOP", "Cache", "Time Stretcher"),
    "nodegraph.time.offset": ("TimeOffset", "Delay", "Slip", "Time Shift", "Time Machine TOP"),
    "nodegraph.time.retime": ("TimeWarp", "Kronos", "OFlow", "Time Remap", "Speed", "Time Speed", "Slow Motion"),
    "nodegraph.transform.corner_pin": ("CornerPin2D", "Corner Pin TOP", "Perspective", "Four Point", "Screen Insert", "Homography"),
    "nodegraph.transform.crop": ("Crop TOP", "Trim Box", "Cut Out", "Data Window", "Scissor"),
    "nodegraph.transform.lens_distortion": (
        "LensDistortion", "Lens Distort TOP", "Undistort", "Optics Compensation", "SphericalTransform", "Barrel", "Fisheye",
    ),
    "nodegraph.transform.mirror": ("Flip TOP", "Flip", "Flop", "Mirror2", "Reflect"),
    "nodegraph.transform.reformat": ("Resize", "Fit TOP", "Resolution", "Scale", "Letterbox", "Format", "Better Resize"),
    "nodegraph.transform.st_map": ("STMap", "UV Map", "Remap TOP", "Map UV", "IDistort", "Displace", "Displacement Map", "Texture"),
    "nodegraph.transform.transform": (
        "Transform TOP", "Transform2D", "TransformMasked", "Xform", "DVE", "Move", "Position", "Translate", "Rotate",
        "Skew", "Pan", "Tracker", "Stabilise", "Reposition",
    ),
}  # fmt: skip

#: What else a family is called.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "capture": ("Input", "Generator", "Source"),
    "colour": ("Color",),
    "draw": ("Vector",),
    "environment": ("World", "Background"),
    "filter": ("Effect",),
    "flow": ("Utility",),
    "keying": ("Matte", "Keyer"),
    "merge": ("Channel", "Layer", "Composite"),
    "output": ("Sink", "Deliver"),
    "relight": ("Lighting",),
    "time": ("Temporal",),
    "transform": ("Geometry", "Warp", "Distort"),
}
