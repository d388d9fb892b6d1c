"""Terms and translations as other programs keep them: TMX, TBX and tables of terms."""
