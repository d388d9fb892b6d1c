"""What Alcove.app says of itself to macOS: the entries of its Info.plist beyond those that PyInstaller writes."""

from typing import Any

IDENTIFIER = "io.github.alcove.Alcove"
OLDEST = "14.0"
"""The oldest macOS that Qt's wheels are made for."""

# uniform type identifiers; what has none of its own is told by its ending
TYPES = (
    "com.adobe.pdf",
    "com.microsoft.word.doc",
    "org.openxmlformats.wordprocessingml.document",
    "com.microsoft.powerpoint.ppt",
    "org.openxmlformats.presentationml.presentation",
    "com.microsoft.excel.xls",
    "org.openxmlformats.spreadsheetml.sheet",
    "org.oasis-open.opendocument.text",
    "org.oasis-open.opendocument.spreadsheet",
    "org.oasis-open.opendocument.presentation",
    "public.rtf",
    "org.idpf.epub-container",
    "public.html",
    "net.daringfireball.markdown",
    "public.plain-text",
    "public.comma-separated-values-text",
    "public.tab-separated-values-text",
    "com.apple.mail.email",
)
_WHY = "Alcove reads the documents you add to its library. Nothing leaves this computer."


def entries(version: str) -> dict[str, Any]:
    """For Info.plist. Alcove is offered under “Open With” and never becomes what opens a kind of file by itself."""
    return {
        "CFBundleDisplayName": "Alcove",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Document",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": list(TYPES),
            },
            {
                "CFBundleTypeName": "Folder",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "None",  # may be dropped on the icon, is not offered in menus
                "LSItemContentTypes": ["public.folder"],
            },
        ],
        "LSApplicationCategoryType": "public.app-category.productivity",
        "LSMinimumSystemVersion": OLDEST,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "Apache License 2.0",
        "NSRequiresAquaSystemAppearance": False,
        "NSDesktopFolderUsageDescription": _WHY,
        "NSDocumentsFolderUsageDescription": _WHY,
        "NSDownloadsFolderUsageDescription": _WHY,
        "NSNetworkVolumesUsageDescription": _WHY,
        "NSRemovableVolumesUsageDescription": _WHY,
    }
