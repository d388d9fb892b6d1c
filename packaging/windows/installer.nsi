; Installs Alcove for one person, who need not be an administrator. Made by build.sh:
;   makensis -DVERSION=0.1.0 -DTREE=FOLDER -DICON=FILE.ico -DSIZE_MIB=900 -DOUT=FILE.exe installer.nsi
; -DSIGN=COMMAND signs the installer and the uninstaller, -DFAST packs quickly and badly, for trying.
;
; /S installs without a question, /D=FOLDER (last) elsewhere. Exit codes: 0 done, 1 stopped by the person, 2 not possible here;
; with /S the reason is also in %TEMP%\alcove-setup.txt, since nothing is shown.
;
; What Alcove knows of a person's documents lies in another folder (%LOCALAPPDATA%\alcove) and is never touched.

Unicode true
Target amd64-unicode
!ifdef FAST
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 64
!endif
RequestExecutionLevel user
ManifestSupportedOS Win10
ManifestDPIAware true
SetOverwrite on
SetDateSave on
CRCCheck on

!include MUI2.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include FileFunc.nsh

!define NAME "Alcove"
!define PROGID "Alcove.Document"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Alcove"
!define OLDEST_BUILD 17763 ; Windows 10 version 1809, the oldest that Qt runs on
!define /math NEEDED_MIB ${SIZE_MIB} + 300 ; and room for the first library
!define ENDINGS "pdf doc docx ppt pptx xls xlsx odt ods odp rtf epub html htm md txt csv tsv eml msg"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.0"
VIFileVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Installs ${NAME}"
VIAddVersionKey "CompanyName" "The Alcove developers"
VIAddVersionKey "LegalCopyright" "Apache License 2.0"
VIAddVersionKey "OriginalFilename" "${NAME}-${VERSION}-x64-setup.exe"

!ifdef SIGN
  !finalize '${SIGN} "%1"'
  !uninstfinalize '${SIGN} "%1"'
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TITLE "Install ${NAME} ${VERSION}"
!define MUI_WELCOMEPAGE_TEXT "Ask your own documents, on your own computer, without a network.$\r$\n$\r$\n${NAME} is installed for you alone. It comes with small models and needs ${SIZE_MIB} MB. Nothing is downloaded.$\r$\n$\r$\nTo make ${NAME} open a kind of file, choose it under $\"Open with$\": your present choices stay."
!define MUI_FINISHPAGE_RUN "$INSTDIR\alcovew.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${NAME}"
!define MUI_UNCONFIRMPAGE_TEXT_TOP "${NAME} is removed from this computer. Your conversations, your library and the models you fetched stay in $LOCALAPPDATA\alcove; delete that folder if you want ${NAME} to forget everything. Your documents are never touched."

!insertmacro MUI_PAGE_WELCOME
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE CheckFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; ---- saying why not -----------------------------------------------------------------------------------------------

; Shows the sentence, or writes it down where nothing is shown.
!macro Tell SENTENCE
  ${If} ${Silent}
    FileOpen $9 "$TEMP\alcove-setup.txt" w
    FileWriteUTF16LE /BOM $9 "${SENTENCE}$\r$\n"
    FileClose $9
  ${Else}
    MessageBox MB_OK|MB_ICONSTOP "${SENTENCE}"
  ${EndIf}
!macroend
!define Tell "!insertmacro Tell"

!macro Refuse SENTENCE
  ${Tell} "${SENTENCE}"
  SetErrorLevel 2
  Quit
!macroend
!define Refuse "!insertmacro Refuse"

; While files are written: then .onInstFailed puts back what was there.
!macro GiveUp SENTENCE
  ${Tell} "${SENTENCE}"
  SetErrorLevel 2
  Abort "${SENTENCE}"
!macroend
!define GiveUp "!insertmacro GiveUp"

; ---- before anything is written -----------------------------------------------------------------------------------

Function .onInit
  Delete "$TEMP\alcove-setup.txt"
  ${IfNot} ${AtLeastWin10}
  ${OrIfNot} ${AtLeastBuild} ${OLDEST_BUILD}
    ${Refuse} "${NAME} needs Windows 10 (version 1809) or newer. Nothing was installed."
  ${EndIf}
  ; the program itself knows which instructions it was compiled with
  InitPluginsDir
  File "/oname=$PLUGINSDIR\alcovew.exe" "${TREE}\alcovew.exe"
  ExecWait '"$PLUGINSDIR\alcovew.exe" --fits-this-computer' $0
  ${If} $0 != 0
    ${Refuse} "${NAME} cannot run on this computer: its processor has no AVX2. Intel processors from 2013 and AMD processors from 2015 on have it. Nothing was installed."
  ${EndIf}
  ${If} ${Silent}
    Call WhyNotHere
    ${If} $0 != ""
      ${Refuse} "$0"
    ${EndIf}
  ${EndIf}
FunctionEnd

; On leaving the page where the folder is chosen.
Function CheckFolder
  Call WhyNotHere
  ${If} $0 != ""
    ${Tell} "$0"
    Abort
  ${EndIf}
FunctionEnd

; $0: why Alcove cannot be installed into $INSTDIR, or empty. Uses $1 to $4.
Function WhyNotHere
  StrCpy $0 ""
  ; a folder with other things in it is not ours to fill
  ${IfNot} ${FileExists} "$INSTDIR\alcovew.exe"
  ${AndIf} ${FileExists} "$INSTDIR\*.*"
    FindFirst $1 $2 "$INSTDIR\*.*"
    ${DoWhile} $2 != ""
      ${If} $2 != "."
      ${AndIf} $2 != ".."
        StrCpy $0 "$INSTDIR holds other files. Choose an empty or a new folder. Nothing was installed."
      ${EndIf}
      FindNext $1 $2
    ${Loop}
    FindClose $1
    ${If} $0 != ""
      Return
    ${EndIf}
  ${EndIf}
  ; the nearest folder that is there says how much is free
  StrCpy $1 $INSTDIR
  ${Do}
    ${If} ${FileExists} "$1\*.*"
      ${ExitDo}
    ${EndIf}
    ${GetParent} "$1" $2
    ${If} $2 == ""
    ${OrIf} $2 == $1
      ${ExitDo}
    ${EndIf}
    StrCpy $1 $2
  ${Loop}
  System::Call 'kernel32::GetDiskFreeSpaceExW(w "$1\", *l .r3, p 0, p 0) i .r4'
  ${If} $4 = 0
    StrCpy $0 "$INSTDIR cannot be used. Choose another folder. Nothing was installed."
    Return
  ${EndIf}
  System::Int64Op $3 / 1048576
  Pop $3
  ${If} $3 < ${NEEDED_MIB}
    StrCpy $0 "${NAME} needs ${NEEDED_MIB} MB, and $3 MB are free on this disk. Free some, or choose another one. Nothing was installed."
  ${EndIf}
FunctionEnd

; ---- installing ---------------------------------------------------------------------------------------------------

; Programs that run keep their library open: it cannot be written then. Waits for the person, with /S it gives up.
!macro WaitUntilClosed UN
Function ${UN}WaitUntilClosed
  again:
  FindFirst $1 $2 "$INSTDIR\python3?*.dll"
  FindClose $1
  ${If} $2 == ""
    Return
  ${EndIf}
  ClearErrors
  FileOpen $1 "$INSTDIR\$2" a
  ${IfNot} ${Errors}
    FileClose $1
    Return
  ${EndIf}
  ${If} ${Silent}
    ${GiveUp} "${NAME} is running. Close it and try again."
  ${EndIf}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${NAME} is running. Close it, then choose Retry." IDRETRY again
  SetErrorLevel 1
  Abort "${NAME} is running."
FunctionEnd
!macroend
!insertmacro WaitUntilClosed ""
!insertmacro WaitUntilClosed "un."

; Files and folders at the top of $5 that are called like PATTERN go into $6.
!macro MoveAll PATTERN
  FindFirst $1 $2 "$5\${PATTERN}"
  ${DoWhile} $2 != ""
    Rename "$5\$2" "$6\$2"
    FindNext $1 $2
  ${Loop}
  FindClose $1
!macroend

; The program from the folder $5 into $6, which is there. Nothing else that may lie in $5 is moved.
Function MoveProgram
  !insertmacro MoveAll "lib"
  !insertmacro MoveAll "python"
  !insertmacro MoveAll "*.dll"
  !insertmacro MoveAll "*._pth"
  !insertmacro MoveAll "*.exe"
FunctionEnd

!macro RemoveProgram FROM
  RMDir /r "${FROM}\lib"
  RMDir /r "${FROM}\python"
  Delete "${FROM}\*.dll"
  Delete "${FROM}\*._pth"
  Delete "${FROM}\alcove.exe"
  Delete "${FROM}\alcovew.exe"
  Delete "${FROM}\uninstall.exe"
  Delete "${FROM}\LICENSE*.txt"
  Delete "${FROM}\NOTICE.txt"
!macroend

Section
  Call WaitUntilClosed
  ; an older version stays until this one is in its place
  RMDir /r "$INSTDIR\old"
  ${If} ${FileExists} "$INSTDIR\alcovew.exe"
    CreateDirectory "$INSTDIR\old"
    StrCpy $5 "$INSTDIR"
    StrCpy $6 "$INSTDIR\old"
    Call MoveProgram
    ${If} ${FileExists} "$INSTDIR\alcovew.exe"
    ${OrIf} ${FileExists} "$INSTDIR\python3*.dll"
    ${OrIf} ${FileExists} "$INSTDIR\lib\*.*"
      ${GiveUp} "The older ${NAME} in $INSTDIR cannot be replaced. Close all programs that use it and try again."
    ${EndIf}
  ${EndIf}
  SetOutPath "$INSTDIR"
  ClearErrors
  File /r "${TREE}\*.*"
  ${If} ${Errors}
    ${GiveUp} "$INSTDIR cannot be written. Free some room on the disk or choose another folder."
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  RMDir /r "$INSTDIR\old"

  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\alcovew.exe" "" "$INSTDIR\alcovew.exe" 0 SW_SHOWNORMAL "" "Ask your own documents"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Alcove developers"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\alcovew.exe"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  !define /math SIZE_KIB ${SIZE_MIB} * 1024
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE_KIB}

  ; one more entry under "Open with" for each kind of file; what opens it at a double-click stays what it is
  WriteRegStr HKCU "Software\Classes\${PROGID}" "" "Document"
  WriteRegStr HKCU "Software\Classes\${PROGID}" "FriendlyTypeName" "Document"
  WriteRegStr HKCU "Software\Classes\${PROGID}\Application" "ApplicationName" "${NAME}"
  WriteRegStr HKCU "Software\Classes\${PROGID}\DefaultIcon" "" "$INSTDIR\alcovew.exe,0"
  WriteRegStr HKCU "Software\Classes\${PROGID}\shell\open" "FriendlyAppName" "${NAME}"
  WriteRegStr HKCU "Software\Classes\${PROGID}\shell\open\command" "" '"$INSTDIR\alcovew.exe" open "%1"'
  Push "${ENDINGS} "
  Call OfferForEndings
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Function .onInstFailed
  ; back to what was there
  ${If} ${FileExists} "$INSTDIR\old\*.*"
    ${If} ${FileExists} "$INSTDIR\old\alcovew.exe"
      !insertmacro RemoveProgram "$INSTDIR"
    ${EndIf}
    StrCpy $5 "$INSTDIR\old"
    StrCpy $6 "$INSTDIR"
    Call MoveProgram
    RMDir "$INSTDIR\old"
  ${EndIf}
FunctionEnd

; The words on the stack, each with a space after it, are endings: Alcove is offered for them, or (in the uninstaller) no longer.
!macro OverEndings FUNCTION VERB
Function ${FUNCTION}
  Pop $1
  ${DoWhile} $1 != ""
    StrCpy $3 0
    ${Do}
      StrCpy $2 $1 1 $3
      ${If} $2 == " "
        ${ExitDo}
      ${EndIf}
      IntOp $3 $3 + 1
    ${Loop}
    StrCpy $2 $1 $3
    IntOp $3 $3 + 1
    StrCpy $1 $1 "" $3
    !if "${VERB}" == "offer"
      WriteRegStr HKCU "Software\Classes\.$2\OpenWithProgids" "${PROGID}" ""
    !else
      DeleteRegValue HKCU "Software\Classes\.$2\OpenWithProgids" "${PROGID}"
      DeleteRegKey /ifempty HKCU "Software\Classes\.$2\OpenWithProgids"
      DeleteRegKey /ifempty HKCU "Software\Classes\.$2"
    !endif
  ${Loop}
FunctionEnd
!macroend
!insertmacro OverEndings "OfferForEndings" "offer"
!insertmacro OverEndings "un.NoLongerForEndings" "withdraw"

; ---- removing -----------------------------------------------------------------------------------------------------

Section "Uninstall"
  Call un.WaitUntilClosed
  !insertmacro RemoveProgram "$INSTDIR"
  RMDir "$INSTDIR" ; only if nothing else is in it
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Classes\${PROGID}"
  Push "${ENDINGS} "
  Call un.NoLongerForEndings
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
