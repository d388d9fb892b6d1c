/* alcove.exe and alcovew.exe: start the Python beside them with Alcove in it.
 *
 * Two programs are made of this file, as Windows wants: one that belongs to a terminal, and (with WINDOWED) one that shows
 * a window and never a console. Both first look whether the processor has the instructions that llama.cpp is compiled
 * with. With the argument --fits-this-computer that is all they do: 0 yes, 1 no. The installer asks so.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define LONGEST_PATH 32768

typedef int (*py_main)(int, wchar_t **);

static wchar_t folder[LONGEST_PATH], program[LONGEST_PATH], library[LONGEST_PATH], start[LONGEST_PATH];

static int fail(const wchar_t *what, const wchar_t *remedy)
{
#ifdef WINDOWED
    static wchar_t text[1024];
    _snwprintf(text, 1023, L"%ls\n\n%ls", what, remedy);
    MessageBoxW(NULL, text, L"Alcove", MB_OK | MB_ICONERROR);
#else
    fwprintf(stderr, L"alcove: %ls %ls\n", what, remedy);
#endif
    return 1;
}

/* AVX2, FMA, F16C and BMI2, and that the system keeps the wide registers. */
static int fits_this_computer(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 0;
    const unsigned wanted = bit_FMA | bit_F16C | bit_AVX | bit_OSXSAVE;
    if ((c & wanted) != wanted)
        return 0;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6)
        return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 0;
    return (b & (bit_AVX2 | bit_BMI2)) == (bit_AVX2 | bit_BMI2);
}

static int run(int count, wchar_t **arguments)
{
    if (count == 2 && wcscmp(arguments[1], L"--fits-this-computer") == 0)
        return !fits_this_computer();
    if (!fits_this_computer())
        return fail(L"Alcove cannot run on this computer: its processor has no AVX2.",
                    L"Intel processors from 2013 and AMD processors from 2015 on have it.");

    DWORD length = GetModuleFileNameW(NULL, program, LONGEST_PATH);
    if (length == 0 || length >= LONGEST_PATH - 64)
        return fail(L"Alcove cannot tell where it is installed.", L"Install it in a folder with a shorter name.");
    wcscpy(folder, program);
    *(wcsrchr(folder, L'\\') + 1) = 0;
    _snwprintf(library, LONGEST_PATH, L"%ls" PYTHON_DLL, folder);
    _snwprintf(start, LONGEST_PATH, L"%lspython\\alcove_start.py", folder);

    /* not from the folder where it was started, which may hold anything */
    SetDllDirectoryW(L"");
    HMODULE python = LoadLibraryExW(library, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    py_main begin = python ? (py_main)(void *)GetProcAddress(python, "Py_Main") : NULL;
    if (!begin)
        return fail(L"A part of Alcove is missing.", L"Install Alcove again.");

    /* Python's settings in the environment are not read: a ._pth file lies beside its library. */
    wchar_t **handed = calloc(count + 4, sizeof *handed);
    if (!handed)
        return fail(L"There is no memory left.", L"Close other programs and try again.");
    handed[0] = program;
    handed[1] = L"-X";
    handed[2] = L"utf8";
    handed[3] = start;
    for (int i = 1; i < count; i++)
        handed[3 + i] = arguments[i];
    return begin(count + 3, handed);
}

#ifdef WINDOWED
int WINAPI wWinMain(HINSTANCE instance, HINSTANCE before, wchar_t *line, int show)
{
    (void)instance, (void)before, (void)line, (void)show;
    return run(__argc, __wargv);
}
#else
int wmain(int count, wchar_t **arguments)
{
    return run(count, arguments);
}
#endif
